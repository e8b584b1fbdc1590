import { useState } from "react";
import { api } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";

/** Asks for a sign-in link by mail. */
export function MagicLinkForm() {
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { busy, error, setError, onSubmit } = useSubmit(async () => {
    const address = email.trim();
    if (!address.includes("@")) return setError(words.errors.emailNeeded);
    await api.call("requestMagicLink", { body: { email: address } });
    setSentTo(address);
  });
  const { session } = words;
  if (sentTo) {
    return (
      <Notice kind="info">
        <strong className="font-semibold">{session.linkSentTitle}</strong>
        <p>{session.linkSentText(sentTo)}</p>
      </Notice>
    );
  }
  return (
    <form onSubmit={onSubmit} className="grid gap-4" noValidate>
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={session.email}
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        autoComplete="email"
        autoFocus
      />
      <Button type="submit" variant="primary" size="lg" busy={busy}>
        {session.sendLink}
      </Button>
    </form>
  );
}
