import type { Attachment } from "@parlor/protocol";
import { words } from "../../words/words.js";

/** What a message without words brings, in words. */
export function filesInWords(list: readonly Attachment[] | undefined): string {
  const only = list?.length === 1 ? list[0] : undefined;
  if (!list || list.length === 0) return "";
  if (only?.kind === "voice") return words.files.voice;
  return only ? only.name : words.files.count(list.length);
}
