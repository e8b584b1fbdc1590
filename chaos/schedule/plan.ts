import { createHash } from "node:crypto";
import type { NetworkFault, NetworkFaultKind } from "../proxy/fault.js";
import { createRandom, type Random } from "../random.js";
import type { Action, ActionKind } from "./action.js";

/** What can happen to the processes. Times are milliseconds, `offset` is seconds. */
export type ProcessFault =
  | { readonly kind: "server-kill"; readonly downtime: number }
  | { readonly kind: "server-restart"; readonly downtime: number }
  | { readonly kind: "database-kill"; readonly downtime: number }
  | { readonly kind: "backend-kill"; readonly choice: number }
  | { readonly kind: "clock-jump"; readonly offset: number };

/** The kinds of process faults. */
export type ProcessFaultKind = ProcessFault["kind"];
/** Every kind of fault. */
export type FaultKind = NetworkFaultKind | ProcessFaultKind;

/** Somebody who takes part. */
export interface Person {
  readonly name: string;
  /** `tab` is a further client of the person before it, with the same outbox. */
  readonly kind: "sdk" | "tab" | "poller" | "raw";
  /** Index of the room. */
  readonly room: number;
}

/** One moment of the schedule, in milliseconds after its start. */
export type Moment = { readonly at: number } & (
  | { readonly type: "network"; readonly who: number; readonly fault: NetworkFault }
  | { readonly type: "process"; readonly fault: ProcessFault }
  | { readonly type: "act"; readonly who: number; readonly action: Action }
);

/** Everything that a run does, made from its seed before it begins. */
export interface Plan {
  readonly rooms: number;
  readonly people: readonly Person[];
  /** By time. */
  readonly moments: readonly Moment[];
  /** The same for the same seed and length: two runs that print the same one had the same schedule. */
  readonly digest: string;
}

const ROOMS = 3;
const PEOPLE: readonly Person["kind"][] = [
  "sdk",
  "sdk",
  "sdk",
  "raw",
  "sdk",
  "poller",
  "sdk",
  "tab",
  "raw",
  "sdk",
];
/** Mean time between moments of one kind, in milliseconds. */
const EVERY = {
  network: 50,
  act: 40,
  "server-kill": 23_000,
  "server-restart": 41_000,
  "database-kill": 31_000,
  "backend-kill": 19_000,
  "clock-jump": 9_000,
} as const;
/** The first fault of a process comes this soon, so that a short run has each. */
const SOONER = 0.45;

const NETWORK_WEIGHTS: Record<NetworkFaultKind, number> = {
  delay: 26,
  duplicate: 26,
  "drop-frame": 10,
  stall: 12,
  cut: 8,
  "truncate-up": 5,
  "truncate-down": 5,
  swallow: 5,
  "half-open": 2,
  "block-sockets": 1,
};

const ACTION_WEIGHTS: Record<ActionKind, number> = {
  send: 50,
  post: 10,
  edit: 10,
  delete: 4,
  react: 12,
  unreact: 5,
  rename: 2,
  reload: 2,
  older: 2,
  typing: 3,
};

/** Makes the schedule of a seed. */
export function makePlan(seed: number, milliseconds: number): Plan {
  const random = createRandom(seed);
  const people = Array.from({ length: ROOMS }, (_, room) =>
    PEOPLE.map((kind, index) => ({
      name: `${kind}-${room + 1}${String.fromCharCode(97 + index)}`,
      kind,
      room,
    })),
  ).flat();
  const who = (source: Random) => source.between(0, people.length - 1);
  const moments: Moment[] = [
    ...times(random.fork("network"), EVERY.network, milliseconds, (source, at) => {
      const target = who(source);
      const fault = networkFault(source);
      // A client of the seeds has no way to notice a single lost frame.
      const isBlind = fault.kind === "drop-frame" && people[target]?.kind === "raw";
      return { at, type: "network", who: target, fault: isBlind ? { kind: "cut" } : fault };
    }),
    ...times(random.fork("act"), EVERY.act, milliseconds, (source, at) => {
      return { at, type: "act", who: who(source), action: action(source) };
    }),
    ...PROCESS_KINDS.flatMap((kind) =>
      times(random.fork(kind), EVERY[kind], milliseconds, (source, at) => {
        return { at, type: "process", fault: processFault(kind, source) };
      }),
    ),
  ];
  moments.sort((a, b) => a.at - b.at);
  const digest = createHash("sha256")
    .update(JSON.stringify([people, moments]))
    .digest("hex")
    .slice(0, 16);
  return { rooms: ROOMS, people, moments, digest };
}

const PROCESS_KINDS = [
  "server-kill",
  "server-restart",
  "database-kill",
  "backend-kill",
  "clock-jump",
] as const;

/** Moments at random distances around a mean, until the time is over. */
function times(
  random: Random,
  mean: number,
  end: number,
  make: (random: Random, at: number) => Moment,
): Moment[] {
  const moments: Moment[] = [];
  for (let at = mean * SOONER * (0.5 + random.next()); at < end; at += mean * (0.3 + 1.4 * random.next())) {
    moments.push(make(random, Math.round(at)));
  }
  return moments;
}

function networkFault(random: Random): NetworkFault {
  const kind = random.weighted(NETWORK_WEIGHTS);
  switch (kind) {
    case "delay":
      return {
        kind,
        delay: random.between(20, 400),
        jitter: random.between(0, 300),
        duration: random.between(200, 3_000),
      };
    case "stall":
      return { kind, duration: random.between(200, 3_000) };
    case "truncate-up":
    case "truncate-down":
      return { kind, share: random.next() };
    case "duplicate":
      return { kind, after: random.pick([0, 5, 50, 400, 3_000]) };
    case "swallow":
      return { kind, after: random.between(0, 2_000) };
    case "block-sockets":
      return { kind, duration: random.between(2_000, 12_000) };
    default:
      return { kind };
  }
}

function processFault(kind: ProcessFaultKind, random: Random): ProcessFault {
  switch (kind) {
    case "server-kill":
    case "server-restart":
      return { kind, downtime: random.pick([0, 0, 200, 1_000, 3_000]) };
    case "database-kill":
      return { kind, downtime: random.pick([0, 200, 1_000, 4_000]) };
    case "backend-kill":
      return { kind, choice: random.between(0, 20) };
    case "clock-jump":
      return { kind, offset: random.between(-86_400, 86_400) };
  }
}

function action(random: Random): Action {
  const kind = random.weighted(ACTION_WEIGHTS);
  const padding = random.weighted({ short: 80, medium: 17, long: 3 });
  const length = { short: random.between(0, 60), medium: random.between(100, 2_000), long: 20_000 }[padding];
  const choice = random.between(0, random.pick([0, 3, 20]));
  switch (kind) {
    case "send":
      return { kind, count: random.pick([1, 1, 1, 1, 2, 5]), padding: length };
    case "post":
      return { kind, named: random.next() < 0.7, padding: length };
    case "edit":
      return { kind, choice, padding: length };
    case "delete":
      return { kind, choice };
    case "react":
    case "unreact":
      return { kind, choice, emoji: random.pick(["👍", "🎉", "❤️", "😀"]) };
    case "rename":
      return { kind, name: `Name ${random.between(1, 1_000_000)}` };
    case "reload":
      return { kind, after: random.between(0, 3_000) };
    default:
      return { kind };
  }
}
