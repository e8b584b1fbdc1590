import { words } from "../words/words.js";
import { toast } from "./toast.js";

/** Copies a text and says so. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.chat.textCopied);
  } catch {
    toast(words.chat.copyTextFailed, "error");
  }
}
