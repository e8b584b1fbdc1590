import type { Watched } from "../measure/cpu.js";

/** Where the generator connects, and whose CPU time and memory it reads. */
export interface Target extends Watched {
  readonly port: number;
  /** Where it tells its own figures, if it does. */
  readonly metricsPort?: number;
  readonly protocol: "ws" | "socketio";
}

/** When the next message goes out. */
export type Drive =
  /** As soon as fewer than `messages` of a room are not yet delivered to all of its members. */
  | { readonly kind: "room-window"; readonly messages: number }
  /** As soon as fewer than `messages` of a sender have not yet come back to it. */
  | { readonly kind: "sender-window"; readonly messages: number }
  /** By the clock: so many a second over all rooms, the rooms in turn. */
  | { readonly kind: "paced"; readonly perSecond: number };

/** Members of rooms who send to each other. */
export interface FanOutSpec {
  readonly mode: "fan-out";
  readonly rooms: number;
  /** Members of each room. */
  readonly members: number;
  /** Members of each room who send, in turn. */
  readonly senders: number;
  readonly drive: Drive;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

/** Members who only stay; then all of them go at once. */
export interface IdleSpec {
  readonly mode: "idle";
  readonly rooms: number;
  /** Members of each room. */
  readonly members: number;
}

/** One run of the generator. */
export type LoadSpec = FanOutSpec | IdleSpec;

/** The figures of a run, by name. */
export type Figures = Readonly<Record<string, number>>;
