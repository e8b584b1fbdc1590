import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { roomLink } from "./link.js";

/** Puts a room's link into the clipboard; where that is not allowed, shows it. */
export async function copyRoomLink(roomId: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(roomLink(roomId));
    toast(words.rooms.linkCopied);
  } catch {
    toast(words.rooms.copyFailed(roomLink(roomId)), "error");
  }
}
