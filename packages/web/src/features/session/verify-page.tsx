import { MailX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { api } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { buttonClass } from "../../ui/button.js";
import { Screen } from "../../ui/screen.js";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";
import { enter } from "./session-store.js";

/** Signs in with the token of a mailed link. */
export function VerifyPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const [error, setError] = useState<string | null>(null);
  const asked = useRef(false);
  useEffect(() => {
    // The token works once; React's development mode runs effects twice.
    if (asked.current) return;
    asked.current = true;
    const token = new URLSearchParams(search).get("token") ?? "";
    api.call("verifyMagicLink", { body: { token } }).then(
      ({ user }) => {
        enter(user);
        navigate("/", { replace: true });
      },
      (cause: unknown) => setError(token ? explain(cause) : words.errors.linkInvalid),
    );
  }, [search, navigate]);
  if (!error) {
    return (
      <div role="status" className="grid h-full place-items-center text-ink-soft">
        <span className="flex items-center gap-3">
          <Spinner /> {words.session.verifying}
        </span>
      </div>
    );
  }
  return (
    <Screen
      icon={MailX}
      title={words.session.verifyFailed}
      actions={
        <Link href="/login" className={buttonClass("primary")}>
          {words.session.newLink}
        </Link>
      }
    >
      {error}
    </Screen>
  );
}
