import type { RoomClient, RoomState } from "@parlor/client";
import type { Room } from "@parlor/protocol";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { isIdentityError } from "../../lib/api.js";
import { cx } from "../../lib/cx.js";
import { useFirstView, useIsCalm, useIsShown } from "../../lib/first-view.js";
import { useStage } from "../../lib/stage.js";
import { KEYS, load, save } from "../../lib/storage.js";
import { wakeCourier } from "../../lib/unsent.js";
import { useAttention } from "../../lib/use-attention.js";
import { useExtraWide } from "../../lib/use-media.js";
import { useTitle } from "../../lib/use-title.js";
import { type Part, part, preloadWhenIdle } from "../../ui/part.js";
import { words } from "../../words/words.js";
import { CallPlace } from "../calls/public.js";
import { Attachments, useFilesReady } from "../files/public.js";
import { ClosedRoom, forgetRoom, isHost, rememberRoom, useDirect, useRoom } from "../rooms/public.js";
import { lose, refreshMe, useMe } from "../session/public.js";
import { Announcer } from "./announcer.js";
import { CompletionList, Composer, type ComposerHandle, EmojiPicker } from "./composer.js";
import { ConnectionBanner } from "./connection-banner.js";
import type { FindDialogsProps } from "./find/find-dialogs.js";
import { type Finding, useFindKey } from "./find/finding.js";
import { MessageActions } from "./message-row.js";
import { RoomHeader } from "./room-header.js";
import { RoomMenuItems } from "./room-menu.js";
import { rowsOf } from "./rows.js";
import { TimelineSkeleton } from "./skeleton.js";
import { Timeline } from "./timeline.js";
import { TypingLine } from "./typing-line.js";
import type { Jump } from "./use-jump.js";
import { storedPlace } from "./use-place.js";
import { useReading } from "./use-reading.js";
import { useRoomClient } from "./use-room-client.js";
import { useVerbs } from "./use-verbs.js";

const DeleteDialog = part(async () => (await import("./delete-dialog.js")).DeleteDialog);
const FindDialogs: Part<FindDialogsProps> = part(
  async () => (await import("./find/find-dialogs.js")).FindDialogs,
);
const People = part(async () => (await import("./people-panel.js")).People, { failing: "place" });
const PeopleSheet = part(async () => (await import("./people-sheet.js")).PeopleSheet);

/** What a person may want any moment: fetched as soon as the page has time, so that nobody waits for it. */
const SOON = [
  MessageActions,
  RoomMenuItems,
  Attachments,
  FindDialogs,
  CompletionList,
  EmojiPicker,
  PeopleSheet,
  DeleteDialog,
];

const NOTHING: RoomState["pending"] = [];

interface ConversationProps {
  readonly client: RoomClient;
  readonly state: RoomState;
  readonly room: Room | null;
  readonly finding: Finding;
  readonly onFind: (next: Finding) => void;
}

/** The number in the address of a message: `?m=SEQ`. */
function seqIn(search: string): number | null {
  const seq = Number(new URLSearchParams(search).get("m") ?? Number.NaN);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
}

/** Where a room opens: at the message of its address, or where it was left. */
function useGoal(roomId: string) {
  const search = useSearch();
  const linked = seqIn(search);
  const [goal, setGoal] = useState<Jump | null>(() => {
    const seq = linked ?? storedPlace(roomId);
    return seq === null ? null : { seq, mark: linked !== null };
  });
  const [path, navigate] = useLocation();
  const jump = useCallback((seq: number) => setGoal({ seq, mark: true }), []);
  useEffect(() => {
    if (linked === null) return;
    jump(linked);
    // The address leads there once: a reload later on must not throw the person back.
    navigate(path, { replace: true });
  }, [linked, jump, path, navigate]);
  return { goal, jump };
}

function Conversation({ client, state, room, finding, onFind }: ConversationProps) {
  const me = useMe();
  const attention = useAttention();
  const composer = useRef<ComposerHandle>(null);
  const { goal, jump } = useGoal(state.roomId);
  // A room that opens elsewhere shows nothing of its newest messages, so they are not read.
  const [atEnd, setAtEnd] = useState(goal === null);
  const { verbs, editing, startEdit, deleting, closeDelete, history, closeHistory } = useVerbs(
    client,
    composer,
    jump,
    me.id,
  );
  const { unread, lineAfter } = useReading(state, me.id, attention && atEnd);
  const { messages, hasOlder, hasNewer, loaded } = state;
  // What is on its way belongs below the newest message.
  const pending = hasNewer ? NOTHING : state.pending;
  const rows = useMemo(
    () => rowsOf({ messages, pending, userId: me.id, complete: loaded && !hasOlder, lineAfter }),
    [messages, pending, me.id, loaded, hasOlder, lineAfter],
  );
  const hasPlace = useFilesReady(messages);
  useTitle(room?.name ?? words.common.appName);

  useFindKey(onFind);
  useFirstView(loaded || rows.length > 0);
  const isCalm = useIsCalm();
  useEffect(() => (isCalm ? preloadWhenIdle(SOON) : undefined), [isCalm]);

  const reconnect = useCallback(() => client.reconnectNow(), [client]);
  const closeFinds = useCallback(() => {
    onFind(null);
    closeHistory();
  }, [onFind, closeHistory]);
  const editLast = useCallback(() => {
    const last = client.state.messages.findLast(
      (message) => message.user_id === me.id && !message.deleted_at && !message.call && !message.recording,
    );
    if (last) startEdit(last.id);
  }, [client, me.id, startEdit]);
  return (
    <>
      <div className="relative flex min-h-0 flex-1 flex-col">
        <ConnectionBanner status={state.status} nextAttemptAt={state.nextAttemptAt} onRetry={reconnect} />
        {(loaded || rows.length > 0) && hasPlace ? (
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
            lineAfter={lineAfter}
            goal={goal}
          />
        ) : (
          <TimelineSkeleton />
        )}
      </div>
      <div className="shrink-0 pt-2.5 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <Composer
          ref={composer}
          client={client}
          profiles={state.profiles}
          online={state.online}
          userId={me.id}
          isHost={isHost(room, me.id)}
          roomId={state.roomId}
          roomName={room?.name ?? ""}
          forgetful={state.pending.length > 0 && !state.pendingKept}
          onEditLast={editLast}
        />
        <TypingLine typing={state.typing} profiles={state.profiles} />
      </div>
      {deleting ? <DeleteDialog client={client} message={deleting} onClose={closeDelete} /> : null}
      <FindDialogs
        open={finding !== null || history !== null}
        client={client}
        roomId={state.roomId}
        profiles={state.profiles}
        pinned={finding === "pins" ? messages.filter(({ pinned_at }) => pinned_at).length : 0}
        room={room}
        userId={me.id}
        finding={finding}
        onJump={jump}
        history={history}
        onClose={closeFinds}
      />
      <Announcer state={state} userId={me.id} />
    </>
  );
}

/** A room. Give it the room's id as its `key`: another room is another page. */
export const ChatPage = memo(function ChatPage({ roomId }: { roomId: string }) {
  const me = useMe();
  const room = useRoom(roomId);
  const direct = useDirect(roomId);
  const { client, state } = useRoomClient(roomId, me.id);
  const knocked = useRef(false);
  const isShown = useIsShown();
  const isCalm = useIsCalm();
  const wide = useExtraWide();
  const stage = useStage();
  // A conversation has nobody to list, and a call takes the place: there they come in a sheet.
  const isDirect = roomId.startsWith("dm:");
  const beside = wide && !stage;
  const [finding, setFinding] = useState<Finding>(null);
  const [sheet, setSheet] = useState(false);
  const [panel, setPanel] = useState(() => load(KEYS.people) !== "hidden");
  const failure = state?.failure ?? null;
  const loaded = state?.loaded ?? false;
  useFirstView(failure !== null);
  const ownRev = state?.profiles.get(me.id)?.profile_rev ?? 0;

  useEffect(() => {
    if (failure && isIdentityError(failure.code)) lose(failure.code);
    if (failure?.code === "room_not_found") forgetRoom(roomId);
  }, [failure, roomId]);
  useEffect(() => {
    // The address of a conversation in which nothing was said yet: it was asked for before it was made.
    if (failure?.code !== "room_not_found" || !direct || knocked.current) return;
    knocked.current = true;
    client?.reconnectNow();
  }, [failure, direct, client]);
  useEffect(() => {
    if (loaded && !failure) rememberRoom(roomId);
  }, [loaded, failure, roomId]);
  useEffect(() => {
    // Another device of this person changed the profile.
    if (ownRev > me.profile_rev) void refreshMe();
  }, [ownRev, me.profile_rev]);

  const togglePeople = useCallback(() => {
    if (!beside) return setSheet(true);
    save(KEYS.people, panel ? "hidden" : null);
    setPanel(!panel);
  }, [beside, panel]);

  function reopen() {
    client?.reconnectNow();
    wakeCourier();
  }
  if (client && failure) {
    return (
      <ClosedRoom
        roomId={roomId}
        room={room}
        failure={failure}
        onOpen={reopen}
        unsent={state?.pending ?? NOTHING}
        onDiscard={({ client_id }) => client.discard(client_id)}
      />
    );
  }
  const people = state ? (
    <People open={isShown || sheet} online={state.online} profiles={state.profiles} userId={me.id} />
  ) : null;
  return (
    <div className="flex h-full min-h-0">
      <main className="flex min-w-0 flex-1 flex-col">
        <RoomHeader
          roomId={roomId}
          room={room}
          onlineCount={state?.online.length ?? 0}
          peopleCount={state?.profiles.size ?? 0}
          peopleShown={beside ? panel : sheet}
          onTogglePeople={togglePeople}
          onFind={setFinding}
          hasCall={Boolean(state?.call)}
        />
        {/* The messages are beside or below the stage, or covered by it. */}
        <div className={cx("relative flex min-h-0 flex-1 flex-col", stage && "lg:flex-row")}>
          {client && state && (isCalm || state.call) ? (
            <CallPlace state={state} userId={me.id} roomName={room?.name ?? ""} isDirect={isDirect} />
          ) : null}
          <div
            className={cx(
              "flex min-h-0 min-w-0 flex-1 basis-0 flex-col border-line",
              stage === "full" ? "invisible" : stage && "border-t lg:max-w-88 lg:border-s lg:border-t-0",
            )}
          >
            {client && state ? (
              <Conversation client={client} state={state} room={room} finding={finding} onFind={setFinding} />
            ) : (
              <TimelineSkeleton />
            )}
          </div>
        </div>
      </main>
      {beside && panel && !isDirect ? (
        <aside
          aria-label={words.chat.people}
          className="w-64 shrink-0 overflow-y-auto border-s border-line pt-4"
        >
          {people}
        </aside>
      ) : null}
      <PeopleSheet open={sheet && !beside} onClose={() => setSheet(false)}>
        {people}
      </PeopleSheet>
    </div>
  );
});
