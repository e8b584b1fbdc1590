import { useLocation } from "wouter";
import { explain } from "../../lib/explain.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { currentInbox, summaryName, useSummary } from "./inbox-store.js";
import { forgetRoom } from "./rooms-store.js";

/** Asks before a room is left, or a conversation is hidden. */
export function LeaveDialog({ roomId, onClose: close }: { roomId: string; onClose: () => void }) {
  const summary = useSummary(roomId);
  const [, navigate] = useLocation();
  const { rooms } = words;
  const direct = summary?.kind === "direct";
  const name = summary ? summaryName(summary) : "";
  function leave() {
    // The page goes first: an open room would say that it was closed.
    close();
    navigate("/");
    currentInbox()
      ?.leave(roomId)
      .then(
        () => forgetRoom(roomId),
        (cause: unknown) => toast(explain(cause), "error"),
      );
  }
  return (
    <Dialog
      open
      onClose={close}
      title={direct ? rooms.hideTitle(name) : rooms.leaveTitle(name)}
      description={direct ? rooms.hideText : rooms.leaveText}
    >
      <div className="flex flex-wrap justify-end gap-2 px-5 pt-4 pb-5 sm:px-6">
        <Button variant="outline" onClick={close} autoFocus>
          {words.common.cancel}
        </Button>
        <Button variant={direct ? "primary" : "danger"} onClick={leave}>
          {direct ? rooms.hide : rooms.leaveRoom}
        </Button>
      </div>
    </Dialog>
  );
}
