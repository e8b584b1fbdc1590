import type { MessagePreview } from "@parlor/protocol";
import { words } from "../../words/words.js";
import { plainOf } from "../chat/text/plain.js";

/** A message in one line, in the reader's language where it is nobody's words. */
export function previewText({ about, content, attachment }: MessagePreview): string {
  if (about) return words.rooms.about[about];
  return plainOf(content) || (attachment ? words.rooms.attachment[attachment] : "");
}
