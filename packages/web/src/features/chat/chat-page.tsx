import type { RoomClient, RoomState } from "@parlor/client";
import type { Room } from "@parlor/protocol";
import { useEffect, useMemo, useRef, useState } from "react";
import { isIdentityError } from "../../lib/api.js";
import { KEYS, load, save } from "../../lib/storage.js";
import { useAttention } from "../../lib/use-attention.js";
import { useExtraWide } from "../../lib/use-media.js";
import { useTitle } from "../../lib/use-title.js";
import { Dialog } from "../../ui/dialog.js";
import { words } from "../../words/words.js";
import { ClosedRoom, forgetRoom, rememberRoom, useRoom } from "../rooms/public.js";
import { lose, refreshMe, useMe } from "../session/public.js";
import { Announcer } from "./announcer.js";
import { Composer, type ComposerHandle } from "./composer.js";
import { ConnectionBanner } from "./connection-banner.js";
import { DeleteDialog } from "./delete-dialog.js";
import { People } from "./people-panel.js";
import { RoomHeader } from "./room-header.js";
import { rowsOf } from "./rows.js";
import { TimelineSkeleton } from "./skeleton.js";
import { Timeline } from "./timeline.js";
import { TypingLine } from "./typing-line.js";
import { useReading } from "./use-reading.js";
import { useRoomClient } from "./use-room-client.js";

import { useVerbs } from "./use-verbs.js";

interface ConversationProps {
  readonly client: RoomClient;
  readonly state: RoomState;
  readonly room: Room | null;
}

function Conversation({ client, state, room }: ConversationProps) {
  const me = useMe();
  const [atEnd, setAtEnd] = useState(true);
  const attention = useAttention();
  const composer = useRef<ComposerHandle>(null);
  const { verbs, editing, startEdit, deleting, closeDelete } = useVerbs(client, composer);
  const { unread, lineAfter } = useReading(state, me.id, attention && atEnd);
  const { messages, pending, hasOlder, loaded } = state;
  const rows = useMemo(
    () => rowsOf({ messages, pending, userId: me.id, complete: loaded && !hasOlder, lineAfter }),
    [messages, pending, me.id, loaded, hasOlder, lineAfter],
  );
  useTitle(words.chat.title(attention ? 0 : unread, room?.name ?? words.common.appName));

  function editLast() {
    const last = messages.findLast((message) => message.user_id === me.id && !message.deleted_at);
    if (last) startEdit(last.id);
  }
  return (
    <>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <ConnectionBanner
          status={state.status}
          nextAttemptAt={state.nextAttemptAt}
          onRetry={() => client.reconnectNow()}
        />
        {loaded || rows.length > 0 ? (
          <Timeline
            client={client}
            state={state}
            rows={rows}
            room={room}
            me={me}
            unread={unread}
            editing={editing}
            verbs={verbs}
            onAtEnd={setAtEnd}
          />
        ) : (
          <TimelineSkeleton />
        )}
      </div>
      <div className="shrink-0 pt-2.5 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <Composer
          ref={composer}
          client={client}
          roomId={state.roomId}
          roomName={room?.name ?? ""}
          onEditLast={editLast}
        />
        <TypingLine typing={state.typing} profiles={state.profiles} />
      </div>
      <DeleteDialog client={client} message={deleting} onClose={closeDelete} />
      <Announcer state={state} userId={me.id} />
    </>
  );
}

/** A room. Give it the room's id as its `key`: another room is another page. */
export function ChatPage({ roomId }: { roomId: string }) {
  const me = useMe();
  const room = useRoom(roomId);
  const { client, state } = useRoomClient(roomId, me.id);
  const wide = useExtraWide();
  const [sheet, setSheet] = useState(false);
  const [panel, setPanel] = useState(() => load(KEYS.people) !== "hidden");
  const failure = state?.failure ?? null;
  const loaded = state?.loaded ?? false;
  const ownRev = state?.profiles.get(me.id)?.profile_rev ?? 0;

  useEffect(() => {
    if (failure && isIdentityError(failure.code)) lose(failure.code);
    if (failure?.code === "room_not_found") forgetRoom(roomId);
  }, [failure, roomId]);
  useEffect(() => {
    if (loaded && !failure) rememberRoom(roomId);
  }, [loaded, failure, roomId]);
  useEffect(() => {
    // Another device of this person changed the profile.
    if (ownRev > me.profile_rev) void refreshMe();
  }, [ownRev, me.profile_rev]);

  if (client && failure) {
    return <ClosedRoom roomId={roomId} room={room} failure={failure} onOpen={() => client.reconnectNow()} />;
  }
  function togglePeople() {
    if (!wide) return setSheet(true);
    save(KEYS.people, panel ? "hidden" : null);
    setPanel(!panel);
  }
  const people = state ? <People online={state.online} profiles={state.profiles} userId={me.id} /> : null;
  return (
    <div className="flex h-full min-h-0">
      <main className="flex min-w-0 flex-1 flex-col">
        <RoomHeader
          roomId={roomId}
          room={room}
          onlineCount={state?.online.length ?? 0}
          peopleShown={wide ? panel : sheet}
          onTogglePeople={togglePeople}
        />
        {client && state ? <Conversation client={client} state={state} room={room} /> : <TimelineSkeleton />}
      </main>
      {wide && panel ? (
        <aside
          aria-label={words.chat.people}
          className="w-64 shrink-0 overflow-y-auto border-s border-line pt-4"
        >
          {people}
        </aside>
      ) : null}
      <Dialog open={sheet && !wide} onClose={() => setSheet(false)} title={words.chat.people} look="sheet">
        {people}
      </Dialog>
    </div>
  );
}
