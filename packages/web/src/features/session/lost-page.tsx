import type { User } from "@parlor/protocol";
import { KeyRound, UserRoundX, WifiOff } from "lucide-react";
import { Link, useLocation } from "wouter";
import { Button, buttonClass } from "../../ui/button.js";
import { Screen } from "../../ui/screen.js";
import { words } from "../../words/words.js";
import { withNext } from "./next.js";
import { shownName } from "./session.js";
import { restoreSession, startAnew } from "./session-store.js";

/** The user of this browser cannot act any more: the ways out. */
export function LostPage({ me, reason }: { me: User; reason: "expired" | "foreign" }) {
  const [location] = useLocation();
  const { session } = words;
  const login = withNext("/login", location);
  const named = `${login}${login.includes("?") ? "&" : "?"}name=${encodeURIComponent(me.username)}`;
  const foreign = reason === "foreign";
  return (
    <Screen
      icon={foreign ? UserRoundX : KeyRound}
      title={foreign ? session.foreignTitle : session.expiredTitle(shownName(me))}
      actions={
        <>
          <Link href={foreign ? login : named} className={buttonClass(foreign ? "outline" : "primary")}>
            {session.logIn}
          </Link>
          <Button variant={foreign ? "primary" : "outline"} onClick={startAnew}>
            {session.newGuest}
          </Button>
        </>
      }
    >
      {foreign ? session.foreignText(shownName(me)) : session.expiredText}
    </Screen>
  );
}

/** The server does not answer and nothing is known yet. */
export function UnreachablePage() {
  return (
    <Screen
      icon={WifiOff}
      title={words.session.unreachableTitle}
      actions={<Button onClick={() => void restoreSession()}>{words.common.retry}</Button>}
    >
      {words.session.unreachableText}
    </Screen>
  );
}
