import { readFileSync, writeFileSync } from "node:fs";
import type { ServerFrame } from "@parlor/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { freePort } from "../../../../testing/free-port.js";
import { makeRoom, newId } from "../support/client.js";
import {
  buildServer,
  cleanUp,
  preparedFolder,
  removePrepared,
  startServer,
  until,
} from "../support/process.js";
import { numberOf, openResumed, range, slowCloses } from "../support/room.js";

const SLOW = 1_000;
const AT_ONCE = 50;
const TEXT =
  "a line of a hundred letters, as people write them where much is going on, all day and all of the night.".repeat(
    900,
  );
/** Messages at most: more than what the system takes for a socket, and what the server lets wait. */
const MESSAGES = 400;
/** What may wait for all sockets together, and what the process needs beside it for a thousand that end. */
const EXTRA_BYTES = 512 << 20;
/** A message is with the one who reads within so long: a loaded machine has other things to do. */
const DELAY_MS = 5_000;

/** One who forgets what it reads, but for the numbers. */
interface Reader {
  readonly ws: WebSocket;
  readonly numbers: number[];
  readonly closed: Promise<number>;
  isSynced: boolean;
}

function read(place: { wsUrl: string }, room: string, user: string, after: number): Reader {
  const ws = new WebSocket(`${place.wsUrl}/ws/${room}/${user}?after=${after}`);
  const numbers: number[] = [];
  const closed = new Promise<number>((resolve) => ws.once("close", resolve));
  const reader: Reader = { ws, numbers, closed, isSynced: false };
  ws.on("error", () => undefined);
  ws.on("message", (data) => {
    const frame = JSON.parse(String(data)) as ServerFrame;
    const number = numberOf(frame);
    if (number !== null) numbers.push(number);
    if (frame.type === "synced") reader.isSynced = true;
  });
  return reader;
}

/** Opens all, some at a time, and waits until each has what was there. */
async function readAll(open: (index: number) => Reader): Promise<Reader[]> {
  const readers: Reader[] = [];
  while (readers.length < SLOW) {
    const some = range(readers.length, readers.length + AT_ONCE - 1).map(open);
    readers.push(...some);
    await until("they have what was there", () => some.every(({ isSynced }) => isSynced), 60_000);
  }
  return readers;
}

beforeAll(buildServer);
afterEach(cleanUp);
afterAll(removePrepared);

test("[WS11] [REL7] a thousand that stop reading at once cost bounded memory, delay nobody, and end contiguous", async ({
  annotate,
}) => {
  const metricsPort = await freePort();
  const env = { RATE_LIMIT: "off", METRICS_PORT: String(metricsPort) };
  const server = startServer({ dataDir: await preparedFolder(), env });
  const url = await server.ready();
  const place = { url, wsUrl: url.replace("http", "ws") };
  const room = await makeRoom(place);
  const users = range(1, SLOW).map(newId);
  const slow = await readAll((index) => read(place, room, users[index] ?? "", 0));
  const sender = await openResumed(place, room);
  const reader = read(place, room, newId(), 0);
  await until("the reader is here", () => reader.isSynced);
  const before = resetPeak(server.pid);

  for (const { ws } of slow) ws.pause();
  const since = performance.now();
  const delays: number[] = [];
  // What waits for a socket that is closed as too slow is dropped, so with the last one nothing waits.
  let isBehind = false;
  let isOver = false;
  let sent = 0;
  while (sent < MESSAGES && !isOver) {
    const started = performance.now();
    sent += 1;
    sender.send({ content: TEXT });
    await until(`message ${sent} came`, () => reader.numbers.at(-1) === sent, 30_000);
    delays.push(performance.now() - started);
    const waits = (await unsentBytes(metricsPort)) > 0;
    isOver = isBehind && !waits;
    isBehind ||= waits;
  }
  expect(isOver).toBe(true);
  const extra = peak(server.pid) - before;
  expect(extra).toBeLessThan(EXTRA_BYTES);
  expect(reader.numbers).toEqual(range(1, sent));
  expect(Math.max(...delays)).toBeLessThan(DELAY_MS);

  for (const { ws } of slow) ws.resume();
  const codes = await Promise.all(slow.map(({ closed }) => closed));
  const allowed = slowCloses(since);
  expect(codes.filter((code) => !allowed.includes(code))).toEqual([]);
  for (const { numbers } of slow) expect(numbers).toEqual(range(1, numbers.length));
  const cursors = slow.map(({ numbers }) => numbers.length);
  expect(Math.max(...cursors)).toBeLessThan(sent);
  resetPeak(server.pid);
  const back = await readAll((index) => read(place, room, users[index] ?? "", cursors[index] ?? 0));
  for (const [index, { numbers }] of back.entries())
    expect(numbers).toEqual(range((cursors[index] ?? 0) + 1, sent));
  const replaying = peak(server.pid) - before;
  expect(replaying).toBeLessThan(EXTRA_BYTES);
  delays.sort((a, b) => a - b);
  await annotate(
    `${sent} messages of 100 KB; ${extra >> 20} MB more at most, ${replaying >> 20} MB while all came back; ` +
      `to the reader in ${Math.round(delays[delays.length >> 1] ?? 0)} ms, at most ${Math.round(delays.at(-1) ?? 0)} ms`,
  );
  for (const { ws } of [...back, reader]) ws.terminate();
  await sender.close();
}, 400_000);

/** Bytes that wait for sockets that have not taken them. */
async function unsentBytes(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^parlor_unsent_bytes (\d+)/m.exec(text)?.[1]);
}

/** Forgets the most memory that a process has had; answers what it has, in bytes. */
function resetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return peak(pid);
}

function peak(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
