import { useState } from "react";
import { call } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { PasswordField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { updateMe, useMe } from "../session/public.js";

/** Sets a guest's password, which makes it an account, or changes an account's. */
export function PasswordForm() {
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState<"current" | "next" | null>(null);
  const { profile, errors } = words;
  const { busy, error, onSubmit } = useSubmit(async () => {
    const missing = me.account && !current ? "current" : next.length < 8 ? "next" : null;
    setWrong(missing);
    if (missing) return;
    const body = { new_password: next, ...(me.account ? { current_password: current } : {}) };
    await call("setPassword", { params: { user_id: me.id }, body });
    setCurrent("");
    setNext("");
    toast(me.account ? profile.passwordChanged : profile.passwordSet);
    updateMe({ ...me, account: true });
  });
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-5">
      {me.account ? (
        <p className="text-ink-soft">{profile.accountText(me.username)}</p>
      ) : (
        <Notice kind="info">
          <strong className="font-semibold">{profile.guestTitle}</strong>
          <p className="text-ink-soft">{profile.guestText(me.username)}</p>
        </Notice>
      )}
      {error ? <Notice>{error}</Notice> : null}
      {/* Password managers need the name beside the password. */}
      <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
      {me.account ? (
        <PasswordField
          label={profile.currentPassword}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          error={wrong === "current" ? errors.required : null}
          autoComplete="current-password"
        />
      ) : null}
      <PasswordField
        label={profile.newPassword}
        hint={words.session.passwordHint}
        value={next}
        onChange={(event) => setNext(event.target.value)}
        error={wrong === "next" ? errors.passwordTooShort : null}
        autoComplete="new-password"
      />
      <div>
        <Button type="submit" variant={me.account ? "outline" : "primary"} busy={busy}>
          {me.account ? profile.changePassword : profile.setPassword}
        </Button>
      </div>
    </form>
  );
}
