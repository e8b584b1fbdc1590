import { useState } from "react";
import { useLocation } from "wouter";
import { api } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { TextField } from "../../ui/field.js";
import { words } from "../../words/words.js";
import { Frame, TextLink } from "./frame.js";
import { withNext } from "./next.js";
import { enter } from "./session-store.js";

/** First visit: choose a name. The address stays, so an invitation goes on to its room. */
export function WelcomePage({ roomName }: { roomName: string | null }) {
  const [name, setName] = useState("");
  const [location] = useLocation();
  const { busy, error, setError, onSubmit } = useSubmit(async () => {
    const username = name.trim();
    if (username.length < 2) return setError(words.errors.nameTooShort);
    enter(await api.call("createUser", { body: { username } }));
  });
  const { session } = words;
  return (
    <Frame
      title={roomName ? session.invitedTitle(roomName) : session.welcomeTitle}
      text={roomName ? session.invitedText : session.welcomeText}
      footer={
        <>
          {session.haveAccount} <TextLink href={withNext("/login", location)}>{session.logIn}</TextLink>
          <span aria-hidden="true" className="px-2 text-ink-faint">
            ·
          </span>
          <TextLink href={withNext("/signup", location)}>{session.signUp}</TextLink>
        </>
      }
    >
      <form onSubmit={onSubmit} className="grid gap-4" noValidate>
        <TextField
          label={session.yourName}
          placeholder={session.namePlaceholder}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={error}
          autoComplete="nickname"
          autoCapitalize="words"
          maxLength={100}
          autoFocus
        />
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          {session.continueAsGuest}
        </Button>
      </form>
    </Frame>
  );
}
