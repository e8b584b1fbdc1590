import type { ComponentType } from "react";
import type { Asked } from "./ask-store.js";
import { openHostWords } from "./host-words.js";
import { LeaveDialog } from "./leave-dialog.js";
import { RemoveDialog } from "./remove-dialog.js";
import { RoomSettingsDialog } from "./room-settings-dialog.js";

interface AskedDialogProps {
  readonly asked: Asked;
  readonly onClose: () => void;
}

function AskedDialog({ asked, onClose }: AskedDialogProps) {
  const { roomId } = asked;
  switch (asked.about) {
    case "leave":
      return <LeaveDialog roomId={roomId} onClose={onClose} />;
    case "settings":
      return <RoomSettingsDialog roomId={roomId} onClose={onClose} />;
    case "remove":
      return <RemoveDialog roomId={roomId} userId={asked.userId} name={asked.name} onClose={onClose} />;
  }
}

/** The dialog that asks a person something of a room, with its words. */
export async function openAskedDialog(): Promise<ComponentType<AskedDialogProps>> {
  await openHostWords();
  return AskedDialog;
}
