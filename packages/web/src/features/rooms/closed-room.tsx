import type { PendingMessage } from "@parlor/client";
import type { ErrorCode, Room } from "@parlor/protocol";
import { Ban, CircleAlert, DoorClosed, Lock } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { call } from "../../lib/api.js";
import { explainCode } from "../../lib/explain.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button, buttonClass } from "../../ui/button.js";
import { PasswordField } from "../../ui/field.js";
import { Screen } from "../../ui/screen.js";
import { UnsentList } from "../../ui/unsent-list.js";
import { words } from "../../words/words.js";

function PasswordForm({ roomId, onOpen }: { roomId: string; onOpen: () => void }) {
  const [password, setPassword] = useState("");
  const { busy, error, setError, onSubmit } = useSubmit(async () => {
    if (!password) return setError(words.errors.required);
    await call("verifyRoomPassword", { params: { room_id: roomId }, body: { password } });
    onOpen();
  });
  return (
    <form onSubmit={onSubmit} noValidate className="mt-3 grid gap-3 text-start">
      <PasswordField
        label={words.rooms.roomPassword}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={error}
        autoComplete="off"
        autoFocus
      />
      <Button type="submit" variant="primary" size="lg" busy={busy}>
        {words.rooms.unlock}
      </Button>
    </form>
  );
}

interface ClosedRoomProps {
  readonly roomId: string;
  readonly room: Room | null;
  readonly failure: { readonly code: ErrorCode; readonly detail: string };
  /** Tries again, after the password for example. */
  readonly onOpen: () => void;
  /** What the person has in this room that cannot be sent. */
  readonly unsent: readonly PendingMessage[];
  readonly onDiscard: (message: PendingMessage) => void;
}

/** A room that does not open: why, and the way on. */
export function ClosedRoom({ roomId, room, failure, onOpen, unsent, onDiscard }: ClosedRoomProps) {
  const children = <UnsentList messages={unsent} onDiscard={onDiscard} />;
  const { rooms } = words;
  const home = (
    <Link href="/" className={buttonClass("outline")}>
      {rooms.backHome}
    </Link>
  );
  switch (failure.code) {
    case "password_required":
      return (
        <Screen icon={Lock} title={rooms.passwordTitle(room?.name ?? roomId)} actions={home}>
          {rooms.passwordText}
          <PasswordForm roomId={roomId} onOpen={onOpen} />
          {children}
        </Screen>
      );
    case "room_not_found":
    case "not_found":
    case "invalid_request":
      return (
        <Screen icon={DoorClosed} title={rooms.unknownTitle} actions={home}>
          {rooms.unknownText}
          {children}
        </Screen>
      );
    case "banned":
      return (
        <Screen
          icon={Ban}
          title={rooms.bannedTitle}
          actions={
            <>
              {/* Whoever looks after the room may have let them in again. */}
              <Button onClick={onOpen}>{words.common.retry}</Button>
              {home}
            </>
          }
        >
          {rooms.bannedText}
          {children}
        </Screen>
      );
    default:
      return (
        <Screen
          icon={CircleAlert}
          title={rooms.closedTitle}
          actions={
            <>
              <Button variant="primary" onClick={onOpen}>
                {words.common.retry}
              </Button>
              {home}
            </>
          }
        >
          {explainCode(failure.code, failure.detail)}
          {children}
        </Screen>
      );
  }
}
