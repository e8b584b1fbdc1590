import type { RoomClient, RoomState } from "@parlor/client";
import type { Message, Room } from "@parlor/protocol";
import { lazy, Suspense, useEffect } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../../../ui/dialog.js";
import { Spinner } from "../../../ui/spinner.js";
import { words } from "../../../words/words.js";

const views = () => import("./views.js");
const DateForm = lazy(async () => ({ default: (await views()).DateForm }));
const HistoryList = lazy(async () => ({ default: (await views()).HistoryList }));
const MentionList = lazy(async () => ({ default: (await views()).MentionList }));
const PinList = lazy(async () => ({ default: (await views()).PinList }));
const SearchBox = lazy(async () => ({ default: (await views()).SearchBox }));

/** Which way to find something is open. */
export type Finding = "search" | "pins" | "mentions" | "date" | null;

interface FindDialogsProps {
  readonly client: RoomClient;
  readonly state: RoomState;
  readonly room: Room | null;
  readonly userId: string;
  readonly finding: Finding;
  readonly onFind: (next: Finding) => void;
  /** Goes to a message of this room. */
  readonly onJump: (seq: number) => void;
  readonly history: Message | null;
  readonly onCloseHistory: () => void;
}

/** The dialogs that lead into the history; `/` opens the search where nothing is being typed. */
export function FindDialogs(props: FindDialogsProps) {
  const { client, state, room, userId, finding, onFind, onJump, history, onCloseHistory } = props;
  const [, navigate] = useLocation();
  const close = () => onFind(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = target.closest("input, textarea, select, [contenteditable], dialog, [popover]");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      onFind("search");
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onFind]);

  function open({ room_id, seq }: Message) {
    close();
    if (room_id === state.roomId) onJump(seq);
    else navigate(`/r/${encodeURIComponent(room_id)}?m=${seq}`);
  }
  const shown = { profiles: state.profiles, onOpen: open };
  const pinned = state.messages.filter(({ pinned_at }) => pinned_at).length;
  const waiting = (
    <div role="status" aria-label={words.common.loading} className="grid place-items-center py-12">
      <Spinner />
    </div>
  );
  return (
    <>
      <Dialog open={finding === "search"} onClose={close} title={words.find.search} look="top">
        <Suspense fallback={waiting}>
          <SearchBox {...shown} roomId={state.roomId} />
        </Suspense>
      </Dialog>
      <Dialog open={finding === "pins"} onClose={close} title={words.find.pins} look="sheet">
        <Suspense fallback={waiting}>
          <PinList {...shown} roomId={state.roomId} changed={String(pinned)} />
        </Suspense>
      </Dialog>
      <Dialog open={finding === "mentions"} onClose={close} title={words.find.mentions} look="sheet">
        <Suspense fallback={waiting}>
          <MentionList {...shown} userId={userId} />
        </Suspense>
      </Dialog>
      <Dialog
        open={finding === "date"}
        onClose={close}
        title={words.find.date}
        description={words.find.dateText}
      >
        <Suspense fallback={waiting}>
          <DateForm
            first={room?.created_at?.slice(0, 10)}
            onGo={async (day) => {
              const seq = await client.jumpToDate(day);
              close();
              if (seq !== null) onJump(seq);
            }}
          />
        </Suspense>
      </Dialog>
      <Dialog
        open={history !== null}
        onClose={onCloseHistory}
        title={words.chat.historyTitle}
        description={words.chat.historyText}
      >
        <Suspense fallback={waiting}>
          {history ? <HistoryList message={history} userId={userId} /> : null}
        </Suspense>
      </Dialog>
    </>
  );
}
