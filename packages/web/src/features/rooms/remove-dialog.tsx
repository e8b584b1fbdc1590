import { call } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { hostWords } from "./host-words.js";
import { readRoom, useRoom } from "./rooms-store.js";

interface RemoveDialogProps {
  readonly roomId: string;
  readonly userId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Asks before somebody is put out of a room. */
export function RemoveDialog({ roomId, userId, name, onClose }: RemoveDialogProps) {
  const me = useMe();
  const room = useRoom(roomId);
  const host = hostWords();
  const { busy, error, run } = useSubmit(async () => {
    await call("removeMember", {
      params: { room_id: roomId, user_id: userId },
      query: { user_id: me.id },
    });
    onClose();
    toast(host.removeDone(name));
    await readRoom(roomId);
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={host.removeTitle(name, room?.name ?? "")}
      description={host.removeText}
    >
      <div className="grid gap-4 px-5 pt-4 pb-5 sm:px-6 sm:pb-6">
        {error ? <Notice>{error}</Notice> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="outline" onClick={onClose} autoFocus>
            {words.common.cancel}
          </Button>
          <Button variant="danger" busy={busy} onClick={() => void run()}>
            {host.remove}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
