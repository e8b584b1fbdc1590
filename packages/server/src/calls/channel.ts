import type { ServerFrame } from "@parlor/protocol";
import type { Standing } from "../rooms/service.js";

/** A socket in a room, as far as calls know it. */
export interface CallChannel {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  /** Whether it came with a cursor; others do not know the frames of calls. */
  readonly resume: boolean;
  readonly closed: boolean;
  readonly standing: Standing;
  send(frame: ServerFrame): void;
}
