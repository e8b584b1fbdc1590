import { isUtf8 } from "node:buffer";
import { type PictureFormat, readContainer } from "../pictures/container.js";

/** Bytes of a file that tell its type. */
export const HEAD_BYTES = 64 * 1024;

/** What the bytes of a file say of themselves. */
export interface Detected {
  readonly kind: "image" | "video" | "audio" | "file";
  readonly type: string;
  /** The format of a picture that can be decoded here. */
  readonly picture: Exclude<PictureFormat, "heic"> | null;
}

/** Types whose browsers show or play them from here; all others are only saved. */
const INLINE = /^(image\/(jpeg|png|gif|webp)|(audio|video)\/[\w.+-]+|text\/plain)$/;
/** Containers of both sound and pictures: the sender's word decides which it is. */
const BOTH: Record<string, readonly [video: string, audio: string]> = {
  mp4: ["video/mp4", "audio/mp4"],
  webm: ["video/webm", "audio/webm"],
  ogg: ["video/ogg", "audio/ogg"],
};
/** First bytes of files that are saved, with their types. */
const SAVED: readonly (readonly [head: string, type: string])[] = [
  ["%PDF-", "application/pdf"],
  ["PK\x03\x04", "application/zip"],
  ["\x1f\x8b", "application/gzip"],
  ["7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"],
  ["Rar!\x1a\x07", "application/vnd.rar"],
];
const SOUNDS: readonly (readonly [head: string, type: string])[] = [
  ["ID3", "audio/mpeg"],
  ["fLaC", "audio/flac"],
];

/** Whether a browser may show a type; else it is answered to be saved. */
export function isShown(type: string): boolean {
  return INLINE.test(type);
}

/** Tells a file's type by its first bytes; `claimed` decides between what they leave open. */
export function detect(head: Buffer, claimed: string | null): Detected {
  const container = readContainer(head);
  if (container && container.format !== "heic") {
    return { kind: "image", type: `image/${container.format}`, picture: container.format };
  }
  const text = head.toString("latin1", 0, 64);
  const found = containerOf(text) ?? soundOf(head, text);
  if (found !== null) {
    const both = BOTH[found];
    const type = both ? (claimed?.startsWith("audio/") ? both[1] : both[0]) : found;
    return { kind: type.startsWith("audio/") ? "audio" : "video", type, picture: null };
  }
  const saved = SAVED.find(([start]) => text.startsWith(start));
  if (saved) return { kind: "file", type: saved[1], picture: null };
  return { kind: "file", type: isPlainText(head) ? "text/plain" : "application/octet-stream", picture: null };
}

function containerOf(text: string): string | null {
  if (text.startsWith("\x1a\x45\xdf\xa3")) return text.includes("matroska") ? "video/x-matroska" : "webm";
  if (text.startsWith("OggS")) return "ogg";
  if (text.slice(4, 8) !== "ftyp") return null;
  const brand = text.slice(8, 12);
  if (brand === "qt  ") return "video/quicktime";
  if (brand.startsWith("M4A") || brand.startsWith("M4B")) return "audio/mp4";
  // Pictures in the same boxes (HEIC) are saved: neither browsers nor this server read them.
  return /^(isom|iso\d|mp4\d|avc1|M4V|MSNV|dash|3g[p2]|mmp4|f4v|qt)/i.test(brand) ? "mp4" : null;
}

function soundOf(head: Buffer, text: string): string | null {
  const known = SOUNDS.find(([start]) => text.startsWith(start));
  if (known) return known[1];
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WAVE") return "audio/wav";
  const [first = 0, second = 0] = head;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return null;
  const layer = (second >> 1) & 3;
  if (layer === 1) return "audio/mpeg";
  return layer === 0 && (second & 0xf0) === 0xf0 ? "audio/aac" : null;
}

/** UTF-8 without control characters that does not begin as a page or a picture made of tags. */
function isPlainText(head: Buffer): boolean {
  // The head may end in the middle of a character, which has at most four bytes.
  const whole = head.length < HEAD_BYTES || isUtf8(head) ? head : trimPartial(head);
  if (!isUtf8(whole)) return false;
  for (const byte of whole)
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13) return false;
  return !/^(\ufeff|\s)*</.test(whole.toString("utf8", 0, 1_024));
}

function trimPartial(head: Buffer): Buffer {
  let end = head.length;
  while (end > head.length - 4 && ((head[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  return head.subarray(0, end - 1);
}
