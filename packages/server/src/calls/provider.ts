import type { CallLayer, CallMode, CallSignal } from "@parlor/protocol";
import type { Leg } from "./leg.js";

/** A call, as far as its provider knows it. */
export interface CarriedCall {
  readonly id: string;
  readonly roomId: string;
  readonly legs: ReadonlyMap<string, Leg>;
}

/** Where what is sent is written. */
export interface RecordingTarget {
  /** Only what legs send that were told of this one (`Leg.told`). */
  readonly id: string;
  /** A folder that is there. */
  readonly folder: string;
}

/** Who carries the media of a call: all that differs between the clients among themselves and a media server. */
export interface CallProvider {
  readonly mode: CallMode;
  /** How many legs a call holds, and how many of them with a camera or a screen. */
  readonly limits: { readonly legs: number; readonly senders: number };
  /** Makes ready to carry a call, before it is told of anything else of it. Throws `call_server_away`. */
  open(call: CarriedCall): Promise<void>;
  /** Takes a signal of a leg. Throws `call_leg_gone` when it is for somebody who is not there. */
  signal(call: CarriedCall, from: Leg, to: string, signal: CallSignal): void;
  /** Who is in the call, or what they may send, may have changed. */
  changed(call: CarriedCall): void;
  /** A leg wants others' cameras in these sizes. */
  wants(call: CarriedCall, leg: Leg, layers: readonly { leg_id: string; layer: CallLayer }[]): void;
  /** A leg is out, for whatever reason: its media ends at once. */
  removed(call: CarriedCall, leg: Leg): void;
  /**
   * Writes what is sent into files from now on; `null`: no more, and it resolves when they are complete. Throws
   * `call_server_away`, and `not_configured` where media does not pass here.
   */
  record(call: CarriedCall, target: RecordingTarget | null): Promise<void>;
  /** The call is over, or another provider carries it. */
  ended(call: CarriedCall): void;
  /** The server stops; waits for what is to be told of it, for some seconds at most. */
  close(): Promise<void>;
}
