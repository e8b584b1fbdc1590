import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { api } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { PasswordField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";
import { Frame, TextLink } from "./frame.js";
import { MagicLinkForm } from "./magic-link-form.js";
import { nextPath, withNext } from "./next.js";
import { enter } from "./session-store.js";

function LoginForm({ username: known }: { username: string }) {
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState("");
  const [, navigate] = useLocation();
  const search = useSearch();
  const { busy, error, setError, onSubmit } = useSubmit(async () => {
    if (!username.trim() || !password) return setError(words.errors.wrongLogin);
    const { user } = await api.call("login", { body: { username: username.trim(), password } });
    enter(user);
    navigate(nextPath(search), { replace: true });
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-4" noValidate>
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={words.session.username}
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={!known}
      />
      <PasswordField
        label={words.session.password}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        autoFocus={Boolean(known)}
      />
      <Button type="submit" variant="primary" size="lg" busy={busy}>
        {words.session.logIn}
      </Button>
    </form>
  );
}

/** Log in with a password or by a link in a mail. */
export function LoginPage() {
  const [byLink, setByLink] = useState(false);
  const search = useSearch();
  const { session } = words;
  return (
    <Frame
      title={session.loginTitle}
      text={session.loginText}
      footer={
        <>
          {session.noAccount}{" "}
          <TextLink href={withNext("/signup", nextPath(search))}>{session.signUp}</TextLink>
          <span aria-hidden="true" className="px-2 text-ink-faint">
            ·
          </span>
          <TextLink href={nextPath(search)}>{session.asGuest}</TextLink>
        </>
      }
    >
      <div className="grid gap-3">
        {byLink ? <MagicLinkForm /> : <LoginForm username={new URLSearchParams(search).get("name") ?? ""} />}
        <Button variant="quiet" onClick={() => setByLink(!byLink)}>
          {byLink ? session.usePassword : session.useLink}
        </Button>
      </div>
    </Frame>
  );
}
