import type { Goal } from "../goal.js";
import { openFileLimit } from "../measure/machine.js";
import type { Column, Scenario } from "../scenario.js";
import { measureHistory } from "./history.js";
import { measureStart } from "./start.js";
import { measureWeb } from "./web.js";

const ALL = ["parlor", "floor-gather", "floor-write", "bun-publish", "ws-naive", "socketio", "fastapi"];
const REPEATS = 3;
/** After three seconds a compiler still took a tenth of our process's time. */
const WARMUP_SECONDS = 5;
const SECONDS = 3;
/** Slow traffic needs longer for the same number of messages. */
const PACED_SECONDS = 5;

const column = (figure: string, title: string): Column => ({ figure, title });
const latencyColumns = [column("p50", "p50 ms"), column("p99", "p99 ms")];
const fanOutColumns = [
  column("cpuPerDelivery", "CPU µs/delivery"),
  column("databaseCpuPerMessage", "PostgreSQL µs/message"),
  column("deliveriesPerSecond", "deliveries/s"),
  column("deliveriesPerCore", "per core"),
  ...latencyColumns,
  column("bytesPerFrame", "bytes/frame"),
];
const cpu = (to: string, atMost: number): Goal => ({ kind: "ratio", figure: "cpuPerDelivery", to, atMost });
const bound = (
  figure: string,
  label: string,
  unit: string,
  limits: { atMost?: number; atLeast?: number },
): Goal => ({ kind: "bound", figure, label, unit, ...limits });
const p99 = (atMost: number): Goal => bound("p99", "p99", "ms", { atMost });

function flat(members: number, goals: readonly Goal[]): Scenario {
  return {
    name: `flat${members}`,
    title: `a room of ${members.toLocaleString("en-US")}, 8 senders, 32 messages under way`,
    measure: {
      mode: "fan-out",
      rooms: 1,
      members,
      senders: 8,
      drive: { kind: "room-window", messages: 32 },
      warmupSeconds: WARMUP_SECONDS,
      seconds: SECONDS,
    },
    peers: ALL,
    repeats: REPEATS,
    columns: fanOutColumns,
    goals,
    cpuFigure: "cpuPerDelivery",
  };
}

function paced(perSecond: number, goals: readonly Goal[]): Scenario {
  return {
    name: `paced${perSecond}`,
    title: `a room of 200, ${perSecond} messages a second from 20 senders, times from the scheduled moment`,
    measure: {
      mode: "fan-out",
      rooms: 1,
      members: 200,
      senders: 20,
      drive: { kind: "paced", perSecond },
      warmupSeconds: WARMUP_SECONDS,
      seconds: PACED_SECONDS,
    },
    peers: ALL,
    repeats: REPEATS,
    columns: [
      ...fanOutColumns,
      column("commitToWriteP50", "commit to write p50 ms"),
      column("commitToWriteP99", "p99 ms"),
    ],
    goals,
    cpuFigure: "cpuPerDelivery",
  };
}

const rooms500: Scenario = {
  name: "rooms500",
  title: "500 rooms of 20, 2 messages a second in each",
  measure: {
    mode: "fan-out",
    rooms: 500,
    members: 20,
    senders: 4,
    drive: { kind: "paced", perSecond: 1000 },
    warmupSeconds: WARMUP_SECONDS,
    seconds: PACED_SECONDS,
  },
  peers: ["parlor", "floor-gather", "bun-publish", "ws-naive"],
  repeats: REPEATS,
  columns: fanOutColumns,
  goals: [cpu("ws-naive", 1 / 2), p99(20)],
};

const inbound: Scenario = {
  name: "inbound",
  title: "one member sends to itself, 32 messages under way",
  measure: {
    mode: "fan-out",
    rooms: 1,
    members: 1,
    senders: 1,
    drive: { kind: "sender-window", messages: 32 },
    warmupSeconds: WARMUP_SECONDS,
    seconds: SECONDS,
  },
  peers: ALL,
  repeats: REPEATS,
  columns: [
    column("cpuPerMessage", "CPU µs/message"),
    column("databaseCpuPerMessage", "PostgreSQL µs/message"),
    column("messagesPerSecond", "messages/s"),
    ...latencyColumns,
  ],
  goals: [bound("cpuPerMessage", "Node's CPU", "µs/message", { atMost: 40 })],
  cpuFigure: "cpuPerMessage",
};

function durable(rooms: 1 | 64): Scenario {
  return {
    name: `durable${rooms}`,
    title: `64 senders in ${rooms === 1 ? "one room, all of them its members" : "64 rooms"}, each sends when its last message came back`,
    measure: {
      mode: "fan-out",
      rooms,
      members: 64 / rooms,
      senders: 64 / rooms,
      drive: { kind: "sender-window", messages: 1 },
      warmupSeconds: WARMUP_SECONDS,
      seconds: SECONDS,
    },
    peers: ["parlor", "floor-gather"],
    repeats: REPEATS,
    columns: inbound.columns,
    goals: [
      bound("messagesPerSecond", "acknowledged after the commit", "/s", { atLeast: 20_000 }),
      bound("p99", "acknowledgement p99", "ms", { atMost: 10 }),
    ],
    cpuFigure: "cpuPerMessage",
  };
}

function idle(asked: number, goals: readonly Goal[]): Scenario {
  // A process can not have more connections than open files; the generator has as many as the server.
  const members = 50;
  const rooms = Math.floor(Math.min(asked, openFileLimit() - 500) / members);
  const possible = rooms * members;
  const less =
    possible < asked
      ? `; this machine allows a process ${openFileLimit().toLocaleString("en-US")} open files, so they are ${possible.toLocaleString("en-US")}`
      : "";
  return {
    name: `idle${asked}`,
    title: `${asked.toLocaleString("en-US")} members in rooms of 50 who only stay, then all go at once${less}`,
    measure: { mode: "idle", rooms, members },
    peers: asked > 5_000 ? ["parlor"] : ["parlor", "bun-publish", "ws-naive", "socketio", "fastapi"],
    repeats: asked > 5_000 ? 1 : REPEATS,
    columns: [
      column("connections", "connections"),
      column("bytesPerConnection", "RSS bytes each"),
      column("connectCpuPerMember", "CPU µs each to come"),
      column("lossCpuPerMember", "CPU µs to go"),
      column("residentMb", "RSS MB"),
      column("peakMb", "most MB"),
      column("afterLossMb", "MB after the loss"),
    ],
    goals,
  };
}

const CONNECTIONS_WANTED = 50_000;

/** All scenarios, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  flat(1000, [
    cpu("floor-gather", 1.25),
    cpu("bun-publish", 1.1),
    cpu("ws-naive", 1 / 30),
    cpu("fastapi", 1 / 40),
    bound("deliveriesPerCore", "deliveries a core", "/s", { atLeast: 2_500_000 }),
  ]),
  flat(200, [cpu("floor-gather", 1.6), cpu("ws-naive", 1 / 20)]),
  flat(50, [cpu("floor-gather", 3.5), cpu("ws-naive", 1 / 8)]),
  paced(200, [cpu("floor-write", 0.6), cpu("ws-naive", 1 / 4), p99(50)]),
  paced(20, [
    cpu("ws-naive", 1),
    bound("commitToWriteP50", "commit to write p50", "ms", { atMost: 2 }),
    bound("commitToWriteP99", "commit to write p99", "ms", { atMost: 5 }),
  ]),
  rooms500,
  inbound,
  durable(1),
  durable(64),
  idle(5_000, [bound("bytesPerConnection", "RSS", "bytes each", { atMost: 12_000 })]),
  idle(CONNECTIONS_WANTED, [
    bound("connections", "connections", "", { atLeast: CONNECTIONS_WANTED }),
    bound("cpuSecondsFor50000", "CPU to take and lose 50,000 (in proportion)", "s", { atMost: 120 }),
    bound("peakBytesPerConnection", "most memory", "bytes a connection", { atMost: 24_000 }),
  ]),
  {
    name: "history",
    title: "a room of a million messages, and a list of 10,000 rooms",
    measure: measureHistory,
    peers: ["parlor"],
    repeats: 1,
    columns: [
      column("newestDatabaseMs", "newest 50, database ms"),
      column("deepDatabaseMs", "50 anywhere"),
      column("changedDatabaseMs", "50 changed after N"),
      column("newestHttpMs", "newest 50, HTTP ms"),
      column("deepHttpMs", "50 anywhere"),
      column("changedHttpMs", "50 changed after N"),
      column("roomPageMs", "page of 1,000 rooms, HTTP ms"),
      column("notModifiedMs", "304 for it"),
    ],
    goals: [
      bound("newestDatabaseMs", "newest 50 at the database", "ms", { atMost: 2 }),
      bound("deepDatabaseMs", "50 at any depth at the database", "ms", { atMost: 2 }),
      bound("changedDatabaseMs", "50 changed after N at the database", "ms", { atMost: 2 }),
      bound("roomsListed", "rooms found by paging", "of 10,000", { atLeast: 10_000 }),
      bound("notModified", "the list answers 304", "of 1", { atLeast: 1 }),
    ],
  },
  {
    name: "start",
    title: "from the start of `node` to a healthy answer, on an existing data folder",
    measure: measureStart,
    peers: ["parlor"],
    repeats: 5,
    columns: [column("healthyMs", "healthy after ms")],
    goals: [bound("healthyMs", "healthy after", "ms", { atMost: 1000 })],
  },
  {
    name: "web",
    title: "the web client in Chromium: a room with 50 messages, a processor 4 times slower",
    measure: measureWeb,
    peers: ["parlor"],
    repeats: REPEATS,
    columns: [
      column("gzipKb", "JavaScript kB, gzip"),
      column("transferredKb", "kB over the wire"),
      column("historyMs", "history after ms"),
      column("interactiveMs", "interactive after ms"),
    ],
    goals: [
      bound("gzipKb", "JavaScript of the first load, gzip", "kB", { atMost: 150 }),
      bound("interactiveMs", "chat interactive after", "ms", { atMost: 1000 }),
    ],
  },
];
