import type { CallInfo } from "@parlor/protocol";
import { Phone, PhoneOff } from "lucide-react";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { call as callApi } from "../../lib/api.js";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { toast } from "../../ui/toast.js";
import { usePerson } from "../people/public.js";
import { roomPath, summaryName, useInbox } from "../rooms/public.js";
import { setCalls, useCalls } from "./call-store.js";
import { callWords, explainCall } from "./call-words.js";
import { startRingtone } from "./ringtone.js";

/** One call that rings. */
function Ring({
  call,
  roomId,
  roomName,
  userId,
}: {
  call: CallInfo;
  roomId: string;
  roomName: string | null;
  userId: string;
}) {
  const words = callWords();
  const [, navigate] = useLocation();
  const person = usePerson(call.started_by);
  const name = person?.display_name || person?.username || roomName || "…";
  useEffect(() => startRingtone(), []);
  return (
    <section
      role="alertdialog"
      aria-label={words.isCalling(name)}
      className="grid w-72 max-w-full animate-rise gap-3 rounded-xl bg-surface p-4 shadow-3 ring-1 ring-line"
    >
      <div className="flex items-center gap-3">
        <Avatar
          person={{
            id: call.started_by,
            name,
            avatar_url: person?.avatar_url ?? null,
            avatar_urls: person?.avatar_urls ?? null,
          }}
          size={44}
        />
        <p className="min-w-0">
          <span className="block font-semibold">{words.isCalling(name)}</span>
          {roomName && roomName !== name ? (
            <bdi className="block truncate text-sm text-ink-soft">{roomName}</bdi>
          ) : null}
        </p>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button
          variant="danger"
          onClick={() => {
            callApi("declineCall", { params: { room_id: roomId }, body: { user_id: userId } }).catch(
              (error: unknown) => toast(explainCall(error), "error"),
            );
          }}
        >
          <PhoneOff aria-hidden="true" className="size-4" />
          {words.decline}
        </Button>
        <Button
          variant="primary"
          onClick={() => {
            setCalls({ asked: roomId });
            navigate(roomPath(roomId));
          }}
        >
          <Phone aria-hidden="true" className="size-4" />
          {words.accept}
        </Button>
      </div>
    </section>
  );
}

/** Calls that ring for this user, on whatever page. */
export function Ringing({ userId }: { userId: string }) {
  const inbox = useInbox();
  const { asked, current } = useCalls();
  const ringing = [...(inbox?.calls ?? [])].filter(
    ([roomId, { ringing: ids }]) => ids.includes(userId) && roomId !== asked && roomId !== current?.roomId,
  );
  if (ringing.length === 0) return null;
  return (
    <div className="fixed inset-x-3 top-3 z-40 grid justify-items-end gap-2 sm:inset-x-auto sm:end-4 sm:top-4">
      {ringing.map(([roomId, call]) => {
        const summary = inbox?.rooms.find(({ id }) => id === roomId);
        return (
          <Ring
            key={call.call_id}
            call={call}
            roomId={roomId}
            roomName={summary ? summaryName(summary) : null}
            userId={userId}
          />
        );
      })}
    </div>
  );
}
