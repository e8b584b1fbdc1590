import type { Asked } from "./ask-store.js";
import { LeaveDialog } from "./leave-dialog.js";
import { RoomSettingsDialog } from "./room-settings-dialog.js";

interface AskedDialogProps {
  readonly asked: Asked;
  readonly onClose: () => void;
}

/** Asks a person something of a room. */
export function AskedDialog({ asked, onClose }: AskedDialogProps) {
  const { about, roomId } = asked;
  switch (about) {
    case "leave":
      return <LeaveDialog roomId={roomId} onClose={onClose} />;
    case "settings":
      return <RoomSettingsDialog roomId={roomId} onClose={onClose} />;
  }
}
