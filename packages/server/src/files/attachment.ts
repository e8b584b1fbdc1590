import type { Attachment } from "@parlor/protocol";
import { BASE_MARK } from "../base-address.js";
import type { FileRow } from "./store.js";

/** What a message keeps of a file: its attachment without addresses, which depend on the reader. */
export interface StoredAttachment extends Omit<Attachment, "url" | "previews"> {
  readonly previews: number[];
}

/** What a message keeps of a finished file. */
export function toStored(file: FileRow): StoredAttachment {
  return {
    id: file.id,
    kind: file.kind ?? "file",
    name: file.name,
    type: file.type ?? "application/octet-stream",
    size: file.size,
    width: file.width,
    height: file.height,
    duration_ms: file.duration_ms,
    placeholder: file.placeholder,
    waveform: file.waveform,
    animated: file.animated,
    previews: file.previews,
  };
}

/** An attachment as its reader gets it; the addresses carry the base mark. */
export function toAttachment(stored: StoredAttachment): Attachment {
  const url = `${BASE_MARK}/files/${stored.id}/${pathName(stored.name)}`;
  const previews = stored.previews.map((width) => [String(width), `${url}?size=${width}`]);
  return { ...stored, url, previews: Object.fromEntries(previews) };
}

/** The name at the end of an address is for people: the id alone decides. */
function pathName(name: string): string {
  const short = [...name].slice(-60).join("");
  return /^\.+$/.test(short) ? "file" : encodeURIComponent(short);
}

/** A file's name without what could lead elsewhere or hide its ending from a reader. */
export function cleanName(name: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "")
    .replace(/[/\\]/g, "_")
    .trim();
  return clean === "" || /^\.+$/.test(clean) ? "file" : clean;
}
