import type { ReactNode } from "react";
import { Dialog } from "../../ui/dialog.js";
import { words } from "../../words/words.js";

interface PeopleSheetProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The people of a room where there is no place beside it. */
export function PeopleSheet({ open, onClose, children }: PeopleSheetProps) {
  return (
    <Dialog open={open} onClose={onClose} title={words.chat.people} look="sheet">
      {children}
    </Dialog>
  );
}
