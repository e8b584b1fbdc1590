import { LIMITS, type ProfileUpdate, type User } from "@parlor/protocol";
import { useState } from "react";
import { call } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { TextAreaField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { shownName, updateMe, useMe } from "../session/public.js";

/** What to send: a guest changes the name itself, an account only what is shown. */
function changes(me: User, name: string, bio: string): ProfileUpdate {
  if (me.account) return { display_name: name, bio };
  return { username: name, display_name: "", bio };
}

/** Display name and bio. */
export function ProfileForm() {
  const me = useMe();
  const [name, setName] = useState(me.account ? (me.display_name ?? "") : shownName(me));
  const [bio, setBio] = useState(me.bio ?? "");
  const [wrong, setWrong] = useState<string | null>(null);
  const { busy, error, onSubmit } = useSubmit(async () => {
    const wanted = name.trim();
    const short = wanted.length === 1 || (!me.account && wanted.length < 2);
    setWrong(short ? words.errors.nameTooShort : null);
    if (short) return;
    const { user } = await call("updateProfile", {
      params: { user_id: me.id },
      body: changes(me, wanted, bio.trim()),
    });
    updateMe(user);
    toast(words.profile.saved);
  });
  const { profile } = words;
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-5">
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={profile.displayName}
        hint={me.account ? profile.displayNameHint(me.username) : profile.guestNameHint}
        error={wrong}
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={LIMITS.usernameLength}
        autoComplete="nickname"
      />
      <TextAreaField
        label={profile.bio}
        optional
        placeholder={profile.bioPlaceholder}
        value={bio}
        onChange={(event) => setBio(event.target.value)}
        maxLength={LIMITS.bioLength}
      />
      <div>
        <Button type="submit" variant="primary" busy={busy}>
          {profile.saveProfile}
        </Button>
      </div>
    </form>
  );
}
