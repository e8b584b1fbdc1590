import type { CallSignalIn } from "@parlor/protocol";
import type { JanusFrame, Ref } from "./frames.js";
import type { JanusHandle } from "./handle.js";

/** The room of a call in Janus, and what opens it; nobody but Parlor knows these. */
export interface JanusRoomKey {
  readonly id: Ref;
  readonly secret: string;
  readonly pin: string;
}

/** What a leg's connection with Janus needs. */
export interface LineParts {
  readonly room: JanusRoomKey;
  readonly attach: (onEvent: (frame: JanusFrame) => void) => Promise<JanusHandle>;
  /** Sends a signal to the leg; `from` is one of `CALL_SERVER`. */
  readonly send: (from: string, signal: CallSignalIn) => void;
  /** What flows changed. */
  readonly onChange: () => void;
  /** The connection is gone. */
  readonly onLost: () => void;
  readonly onError: (error: unknown) => void;
}
