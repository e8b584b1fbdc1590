import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { quantileOf } from "../statistics.js";
import type { Contender, JitterClient } from "./client.js";

/** The scenario: who breaks how often, for how long, while how much is said. */
export interface JitterSpec {
  readonly clients: number;
  readonly rooms: number;
  readonly seconds: number;
  /** Seconds between two cuts of one client, on average. */
  readonly cutEvery: number;
  readonly offlineSeconds: number;
  /** Messages a second in each room. */
  readonly perSecond: number;
}

/** What came of it. */
export interface JitterResult {
  readonly expected: number;
  readonly delivered: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly cuts: number;
  readonly failedReturns: number;
  /** Milliseconds from the start of a return until all was there that others had been told while the client was away. */
  readonly replayP50: number;
  readonly replayP99: number;
}

/** How long stragglers may take after the last message. */
const PATIENCE_MS = 15_000;
/** A return that takes longer is tried again. */
const RETURN_WITHIN_MS = 5_000;

interface Room {
  readonly id: string;
  said: number;
  /** The newest number that somebody heard: what is only on its way to all is no part of a replay. */
  told: number;
}

interface Member {
  readonly room: Room;
  readonly client: JitterClient;
  readonly heard: Set<number>;
  /** The first number that it was there for. */
  readonly from: number;
  newest: number;
  duplicated: number;
  reordered: number;
  /** While it catches up: what it misses still, and since when. */
  missing: { readonly numbers: Set<number>; readonly since: number } | null;
}

/** Plays the scenario against one server. Every client hears a message once, in order, or it counts against it. */
export async function runJitter(contender: Contender, spec: JitterSpec): Promise<JitterResult> {
  const rooms: Room[] = [];
  for (let index = 0; index < spec.rooms; index += 1) {
    rooms.push({ id: await contender.makeRoom(), said: 0, told: 0 });
  }
  const replays: number[] = [];
  const members: Member[] = [];
  for (let index = 0; index < spec.clients; index += 1) {
    const room = rooms[index % rooms.length];
    if (room) members.push(await enter(contender, room, replays));
  }
  const senders = await Promise.all(rooms.map((room) => contender.makeSender(room.id)));
  // Whoever has just come for the first time is told more at its first return than ever again.
  for (const { client } of members) client.cut();
  await pause(spec.offlineSeconds * 1_000);
  for (const { client } of members) await client.connect();
  const counts = { cuts: 0, failedReturns: 0 };
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const ends = performance.now() + spec.seconds * 1_000;
  const lives = members.map((member) => live(member, spec, counts, over.signal));
  // The rooms speak in turn: nothing of the scenario says that all of them do in one moment.
  for (let turn = 0; performance.now() < ends; turn += 1) {
    const room = rooms[turn % rooms.length];
    if (room) senders[turn % rooms.length]?.send(++room.said);
    await pause(1_000 / spec.perSecond / rooms.length);
  }
  over.abort();
  await Promise.all(lives);
  const deadline = performance.now() + PATIENCE_MS;
  const isWhole = ({ heard, room, from }: Member) => heard.size >= room.said - from + 1;
  while (!members.every(isWhole) && performance.now() < deadline) await pause(100);
  for (const { client } of members) client.close();
  for (const sender of senders) sender.close();
  const sum = (of: (member: Member) => number) => members.reduce((total, member) => total + of(member), 0);
  return {
    ...counts,
    expected: sum(({ room, from }) => room.said - from + 1),
    delivered: sum(({ heard }) => heard.size),
    duplicated: sum(({ duplicated }) => duplicated),
    reordered: sum(({ reordered }) => reordered),
    replayP50: quantileOf(replays, 0.5),
    replayP99: quantileOf(replays, 0.99),
  };
}

async function enter(contender: Contender, room: Room, replays: number[]): Promise<Member> {
  const client = await contender.makeClient(room.id, (number) => {
    if (member.heard.has(number)) member.duplicated += 1;
    else if (number < member.newest) member.reordered += 1;
    member.heard.add(number);
    room.told = Math.max(room.told, number);
    member.newest = Math.max(member.newest, number);
    const { missing } = member;
    if (!missing?.numbers.delete(number) || missing.numbers.size > 0) return;
    replays.push(performance.now() - missing.since);
    member.missing = null;
  });
  const member: Member = {
    room,
    client,
    heard: new Set(),
    from: room.said + 1,
    newest: 0,
    duplicated: 0,
    reordered: 0,
    missing: null,
  };
  await client.connect();
  return member;
}

/** Breaks a member's network from time to time, and brings it back after the same time offline for everybody. */
async function live(
  member: Member,
  spec: JitterSpec,
  counts: { cuts: number; failedReturns: number },
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(spec.cutEvery * 1_000 * (0.5 + Math.random()), null, { signal: over }).catch(() => {});
    if (over.aborted) return;
    member.client.cut();
    counts.cuts += 1;
    await pause(spec.offlineSeconds * 1_000);
    const told = Array.from({ length: member.room.told - member.from + 1 }, (_, at) => member.from + at);
    const numbers = new Set(told.filter((number) => !member.heard.has(number)));
    member.missing = numbers.size > 0 ? { numbers, since: performance.now() } : null;
    while (!(await comesBack(member.client))) {
      counts.failedReturns += 1;
      await pause(spec.offlineSeconds * 1_000);
    }
  }
}

async function comesBack(client: JitterClient): Promise<boolean> {
  const late = new AbortController();
  const answer = await Promise.race([
    client.connect().then(
      () => true,
      () => false,
    ),
    pause(RETURN_WITHIN_MS, false, { signal: late.signal }),
  ]);
  late.abort();
  return answer;
}
