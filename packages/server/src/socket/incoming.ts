import { ParlorError } from "@parlor/protocol";
import type { RawData, WebSocket } from "ws";
import { toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import { createTokenBucket, type Rate } from "../token-bucket.js";
import type { Connection } from "./connection.js";
import { clientIdOf } from "./parse.js";

/** Frames of one socket; those over it are refused, and after many refused ones the socket closes with 4429. */
const FRAMES: Rate = { burst: 1_000, perSecond: 50 };
const REFUSED = 5_000;

/** Reads a socket's text frames, one at a time, with its quota; whatever `handle` throws is told to the sender. */
export function readFrames(
  ws: WebSocket,
  connection: Connection,
  options: { limited: boolean; log: Logger },
  handle: (text: string) => void,
): void {
  const bucket = createTokenBucket(FRAMES, performance.now());
  let refused = 0;
  ws.on("message", (data: RawData, isBinary: boolean) => {
    if (connection.closed) return;
    try {
      if (options.limited && !bucket.take(performance.now())) {
        refused += 1;
        if (refused > REFUSED) {
          connection.close("rate_limited");
          return;
        }
        throw new ParlorError("rate_limited");
      }
      if (isBinary) throw new ParlorError("invalid_frame");
      handle(textOf(data));
    } catch (error) {
      const known = toParlorError(error);
      if (known.code === "internal") options.log.error({ err: error }, "a frame failed");
      connection.sendError(known.code, known.message, isBinary ? null : clientIdOf(textOf(data)));
    }
  });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}
