import type { User } from "@parlor/protocol";
import { KeyRound, UserRoundX, WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { dropUnsentMessage, type LeftMessage, readUnsent } from "../../lib/unsent.js";
import { Button, buttonClass } from "../../ui/button.js";
import { Screen } from "../../ui/screen.js";
import { UnsentList } from "../../ui/unsent-list.js";
import { words } from "../../words/words.js";
import { withNext } from "./next.js";
import { shownName } from "./session.js";
import { restoreSession, startAnew } from "./session-store.js";

/** What the user wrote and can be sent by nobody else: it waits for their sign-in, or is copied now. */
function LeftBehind({ me }: { me: User }) {
  const [left, setLeft] = useState<readonly LeftMessage[]>([]);
  useEffect(() => {
    let current = true;
    void readUnsent(me.id).then((found) => {
      if (current) setLeft(found);
    });
    return () => {
      current = false;
    };
  }, [me.id]);
  if (left.length === 0) return null;
  return (
    <>
      <UnsentList
        messages={left.map(({ message }) => message)}
        onDiscard={(message) => {
          const gone = left.find((one) => one.message === message);
          if (gone) void dropUnsentMessage(me.id, gone);
          setLeft(left.filter((one) => one !== gone));
        }}
      />
      <p className="pt-2 text-start text-sm">{words.session.unsentText(shownName(me))}</p>
    </>
  );
}

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
      <LeftBehind me={me} />
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
