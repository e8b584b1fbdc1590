import type { LiveRun, View } from "../checker/record.js";
import type { Action } from "../schedule/action.js";

/** Somebody in a room, whatever client they use. */
export interface Participant {
  readonly name: string;
  readonly room: string;
  /** Whether a disturbance of this one is measured until it is contiguous again. */
  readonly isMeasured: boolean;
  open(): void;
  act(action: Action): void;
  /** Whether everything that it sent has found its end. */
  isIdle(): boolean;
  /** What it shows; reads first what it has to read. */
  view(): Promise<View>;
  /** What sockets without a cursor were told. */
  live(): readonly LiveRun[];
  close(): void;
}

/** Somebody's identity. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}
