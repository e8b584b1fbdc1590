import type { RoomClient, RoomState } from "@parlor/client";
import type { Message, Room } from "@parlor/protocol";
import { memo } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../../../ui/dialog.js";
import { words } from "../../../words/words.js";
import { DateForm } from "./date-form.js";
import type { Finding } from "./finding.js";
import { HistoryList } from "./history-list.js";
import { MentionList, PinList } from "./message-list.js";
import { SearchBox } from "./search-box.js";

/** What the dialogs are given. */
export interface FindDialogsProps {
  /** Whether any of them is. */
  readonly open: boolean;
  /** Closes whichever is open. */
  readonly onClose: () => void;
  readonly client: RoomClient;
  readonly roomId: string;
  readonly profiles: RoomState["profiles"];
  /** How many of the loaded messages are pinned: the list is read anew with each change. */
  readonly pinned: number;
  readonly room: Room | null;
  readonly userId: string;
  readonly finding: Finding;
  /** Goes to a message of this room. */
  readonly onJump: (seq: number) => void;
  readonly history: Message | null;
}

/** The dialogs that lead into the history. */
export const FindDialogs = memo(function FindDialogs(props: FindDialogsProps) {
  const { client, roomId, profiles, pinned, room, userId, finding, onClose: close, onJump, history } = props;
  const [, navigate] = useLocation();

  function open({ room_id, seq }: Message) {
    close();
    if (room_id === roomId) onJump(seq);
    else navigate(`/r/${encodeURIComponent(room_id)}?m=${seq}`);
  }
  const shown = { profiles, onOpen: open };
  return (
    <>
      <Dialog open={finding === "search"} onClose={close} title={words.find.search} look="top">
        <SearchBox {...shown} roomId={roomId} />
      </Dialog>
      <Dialog open={finding === "pins"} onClose={close} title={words.find.pins} look="sheet">
        <PinList {...shown} roomId={roomId} changed={String(pinned)} />
      </Dialog>
      <Dialog open={finding === "mentions"} onClose={close} title={words.find.mentions} look="sheet">
        <MentionList {...shown} userId={userId} />
      </Dialog>
      <Dialog
        open={finding === "date"}
        onClose={close}
        title={words.find.date}
        description={words.find.dateText}
      >
        <DateForm
          first={room?.created_at?.slice(0, 10)}
          onGo={async (day) => {
            const seq = await client.jumpToDate(day);
            close();
            if (seq !== null) onJump(seq);
          }}
        />
      </Dialog>
      <Dialog
        open={history !== null}
        onClose={close}
        title={words.chat.historyTitle}
        description={words.chat.historyText}
      >
        {history ? <HistoryList message={history} userId={userId} /> : null}
      </Dialog>
    </>
  );
});
