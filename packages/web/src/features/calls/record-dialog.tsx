import type { CallClient } from "@parlor/client";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { words as pageWords } from "../../words/words.js";
import { callWords } from "./call-words.js";

interface RecordDialogProps {
  readonly client: CallClient;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Asks before a call is recorded, and says what that means. */
export function RecordDialog({ client, open, onClose }: RecordDialogProps) {
  const words = callWords();
  return (
    <Dialog open={open} onClose={onClose} title={words.recordTitle} description={words.recordText}>
      <div className="flex justify-end gap-2 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
        <Button variant="quiet" onClick={onClose}>
          {pageWords.common.cancel}
        </Button>
        <Button
          variant="danger"
          data-autofocus
          onClick={() => {
            client.moderate("record");
            onClose();
          }}
        >
          {words.record}
        </Button>
      </div>
    </Dialog>
  );
}
