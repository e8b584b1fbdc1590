import type { CallLayer, CallSignal, CallSignalIn, CallSnapshot } from "@parlor/protocol";
import type { Clock } from "../clock.js";
import type { CallPlatform } from "./platform.js";
import type { Tracks } from "./slots.js";
import type { CallPerson } from "./types.js";

/** What carries the media of a call needs. */
export interface EngineOptions {
  readonly platform: CallPlatform;
  readonly clock: Clock;
  /** Where candidates come from; asked for each new connection. */
  readonly configuration: () => RTCConfiguration;
  readonly tracks: () => Tracks;
  readonly send: (to: string, signal: CallSignal) => void;
  /** Asks a media server for others' cameras in these sizes. */
  readonly want: (layers: { leg_id: string; layer: CallLayer }[]) => void;
  /** How tall somebody's camera is shown, in pixels of the screen; `null`: nobody said it. */
  readonly viewOf: (legId: string) => number | null;
  readonly onChange: () => void;
  /** Looks at the own microphone, as often as at the others' voices. */
  readonly onListen: () => void;
}

/** Carries the media between this tab and all other legs of a call, as its state says. */
export interface CallEngine {
  /** Follows the state; `you` is the own leg. */
  follow(call: CallSnapshot, you: string): void;
  receive(from: string, signal: CallSignalIn): void;
  /** The own tracks changed. */
  update(): void;
  /** Cameras are shown in other sizes now. */
  resize(): void;
  /** Looks for new ways to everybody. */
  restart(): void;
  /** Whether all that somebody sends comes. */
  flows(legId: string): Promise<boolean>;
  readonly people: readonly CallPerson[];
  /** Whether some get no picture so that the voice gets through. */
  readonly isVideoHeldBack: boolean;
  close(): void;
}
