import { createReadStream } from "node:fs";

/** A stretch in milliseconds. */
export type Span = readonly [from: number, to: number];

/** What a file of Janus holds, told by the file itself: who wrote it may have been cut off. */
export interface Mjr {
  readonly kind: "audio" | "video";
  readonly codec: string;
  /** When its first packet came, in milliseconds since 1970, by the clock of Janus. */
  readonly startedAt: number;
  /** When packets came, in milliseconds since the first one. */
  readonly spans: readonly Span[];
}

const FILE_HEAD = "MJR00002";
const FRAME_HEAD = "MEET";
/** Time and length stand before each packet. */
const FRAME_HEAD_BYTES = 10;
/** A longer silence ends a stretch. */
const PAUSE_MS = 1_500;
/** Stretches of one file; what comes beyond them makes the last one longer. */
const SPANS = 200;

/** Reads a file of Janus; `null` for one without packets, or of another kind. */
export async function readMjr(path: string): Promise<Mjr | null> {
  let rest: Buffer = Buffer.alloc(0);
  let head: Pick<Mjr, "kind" | "codec" | "startedAt"> | null = null;
  const spans: [number, number][] = [];

  function takeFrame(time: number): void {
    const last = spans.at(-1);
    if (last && (time - last[1] <= PAUSE_MS || spans.length >= SPANS)) last[1] = Math.max(last[1], time);
    else spans.push([time, time]);
  }

  /** Takes what is whole; answers where the rest begins, `null` at what is no file of Janus. */
  function take(bytes: Buffer): number | null {
    let at = 0;
    if (!head) {
      if (bytes.length < 10) return 0;
      const length = bytes.readUInt16BE(8);
      if (bytes.toString("latin1", 0, 8) !== FILE_HEAD) return null;
      if (bytes.length < 10 + length) return 0;
      head = headOf(bytes.toString("utf8", 10, 10 + length));
      if (!head) return null;
      at = 10 + length;
    }
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      if (bytes.toString("latin1", at, at + 4) !== FRAME_HEAD) return null;
      const end = at + FRAME_HEAD_BYTES + bytes.readUInt16BE(at + 8);
      if (end > bytes.length) break;
      takeFrame(bytes.readUInt32BE(at + 4));
      at = end;
    }
    return at;
  }

  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const at = take(bytes);
    if (at === null) break;
    rest = bytes.subarray(at);
  }
  const found = head as Pick<Mjr, "kind" | "codec" | "startedAt"> | null;
  return found && spans.length > 0 ? { ...found, spans } : null;
}

function headOf(text: string): Pick<Mjr, "kind" | "codec" | "startedAt"> | null {
  let told: { t?: unknown; c?: unknown; u?: unknown };
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    return null;
  }
  const { t, c, u } = told;
  if ((t !== "a" && t !== "v") || typeof c !== "string" || typeof u !== "number") return null;
  return { kind: t === "a" ? "audio" : "video", codec: c, startedAt: u / 1_000 };
}
