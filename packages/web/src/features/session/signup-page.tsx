import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { api } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { PasswordField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";
import { Frame, TextLink } from "./frame.js";
import { nextPath, withNext } from "./next.js";
import { enter } from "./session-store.js";

/** Make an account with a name and a password. */
export function SignupPage() {
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<"username" | "password" | null>(null);
  const [, navigate] = useLocation();
  const search = useSearch();
  const { busy, error, onSubmit } = useSubmit(async () => {
    const short = username.trim().length < 2 ? "username" : password.length < 8 ? "password" : null;
    setWrong(short);
    if (short) return;
    const body = { username: username.trim(), password, ...(email.trim() ? { email: email.trim() } : {}) };
    const { user } = await api.call("signup", { body });
    enter(user);
    navigate(nextPath(search), { replace: true });
  });
  const { session, errors } = words;
  return (
    <Frame
      title={session.signupTitle}
      text={session.signupText}
      footer={
        <>
          {session.haveAccount}{" "}
          <TextLink href={withNext("/login", nextPath(search))}>{session.logIn}</TextLink>
          <span aria-hidden="true" className="px-2 text-ink-faint">
            ·
          </span>
          <TextLink href={nextPath(search)}>{session.asGuest}</TextLink>
        </>
      }
    >
      <form onSubmit={onSubmit} className="grid gap-4" noValidate>
        {error ? <Notice>{error}</Notice> : null}
        <TextField
          label={session.username}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          error={wrong === "username" ? errors.nameTooShort : null}
          autoComplete="username"
          maxLength={100}
          spellCheck={false}
          autoFocus
        />
        <TextField
          label={session.email}
          type="email"
          optional
          hint={session.emailHint}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          autoComplete="email"
        />
        <PasswordField
          label={session.password}
          hint={session.passwordHint}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={wrong === "password" ? errors.passwordTooShort : null}
          autoComplete="new-password"
        />
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          {session.createAccount}
        </Button>
      </form>
    </Frame>
  );
}
