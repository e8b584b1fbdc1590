/**
 * Measures how a crowd comes back: SDK clients in processes of their own, a server that is stopped (SIGTERM) or killed
 * (kill -9) and started again on its port. Prints the times from the moment the port answers, what went over the wire,
 * and the processor time of the server and of the clients until all were back. Twice: at the first return half of the
 * people learn of those who came after them, as they do in no later one.
 *
 *   node --import tsx --conditions source bench/return.ts [clients] [SIGTERM|SIGKILL] [rooms] [checkout]
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Crowd, type CrowdState, startCrowd } from "../packages/server/test/support/crowd.js";
import {
  buildServer,
  cleanUp,
  preparedFolder,
  root,
  type ServerProcess,
  startServer,
} from "../packages/server/test/support/process.js";

/** Clients in one process. */
const SHARD = 250;
const PATIENCE = 90_000;
const [size = "1000", signal = "SIGTERM", roomCount = "1", checkout = root] = process.argv.slice(2);

async function all(crowds: readonly Crowd[]): Promise<CrowdState[]> {
  return await Promise.all(crowds.map((crowd) => crowd.order({ do: "tell" })));
}

const sum = (states: readonly CrowdState[], of: "live" | "frames" | "bytes" | "cpuSeconds") =>
  states.reduce((total, state) => total + state[of], 0);

async function waitFor(crowds: readonly Crowd[], live: number): Promise<CrowdState[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const states = await all(crowds);
    if (sum(states, "live") === live || Date.now() > deadline) return states;
    await pause(200);
  }
}

/** Seconds of processor time that a process has used. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rssOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

async function untilPortAnswers(port: number): Promise<number> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => socket.destroy());
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return Date.now();
    await pause(5);
  }
}

/** Ends the server, starts the next one, and prints how the crowd came back to it. */
async function measureReturn(
  crowds: readonly Crowd[],
  server: ServerProcess,
  port: number,
  start: () => ServerProcess,
  visit: number,
): Promise<ServerProcess> {
  const before = await all(crowds);
  server.child.kill(signal as NodeJS.Signals);
  const stopping = Date.now();
  await server.ended();
  const ended = Date.now();
  const next = start();
  const answered = await untilPortAnswers(port);
  const startCpu = cpuOf(next.pid);
  const states = await waitFor(crowds, Number(size));
  await pause(3_000);
  const after = await all(crowds);
  const back = after.flatMap(({ liveAt }) => liveAt.filter((at) => at > stopping)).map((at) => at - answered);
  back.sort((a, b) => a - b);
  const at = (share: number) => back[Math.min(back.length - 1, Math.floor(back.length * share))];
  console.log({
    signal,
    clients: Number(size),
    rooms: Number(roomCount),
    visit,
    stopMs: ended - stopping,
    startMs: answered - ended,
    never: Number(size) - sum(states, "live"),
    backMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), last: back.at(-1) },
    frames: sum(after, "frames") - sum(before, "frames"),
    megabytes: Math.round((sum(after, "bytes") - sum(before, "bytes")) / 1e5) / 10,
    serverCpuSeconds: Math.round((cpuOf(next.pid) - startCpu) * 100) / 100,
    clientsCpuSeconds: Math.round((sum(after, "cpuSeconds") - sum(before, "cpuSeconds")) * 100) / 100,
    serverPeakMiB: Math.round(rssOf(next.pid)),
  });
  return next;
}

async function main(): Promise<void> {
  if (checkout === root) buildServer();
  const dataDir = await preparedFolder();
  const first = startServer({ dataDir, checkout, env: { RATE_LIMIT: "off" } });
  const url = await first.ready();
  const port = Number(new URL(url).port);
  const headers = { "content-type": "application/json" };
  const roomIds: string[] = [];
  while (roomIds.length < Number(roomCount)) {
    const body = JSON.stringify({ name: `Hall ${roomIds.length}` });
    const made = await fetch(`${url}/rooms`, { method: "POST", headers, body });
    roomIds.push(((await made.json()) as { id: string }).id);
  }
  const crowds = Array.from({ length: Math.ceil(Number(size) / SHARD) }, startCrowd);
  await Promise.all(
    crowds.map((crowd) =>
      crowd.order({
        do: "start",
        url,
        roomIds,
        size: Math.min(SHARD, Math.ceil(Number(size) / crowds.length)),
      }),
    ),
  );
  await waitFor(crowds, Number(size));
  await pause(6_000);
  let server = first;
  for (const visit of [1, 2]) {
    const next = () => startServer({ dataDir, checkout, env: { RATE_LIMIT: "off", PORT: String(port) } });
    server = await measureReturn(crowds, server, port, next, visit);
  }
  for (const crowd of crowds) crowd.end();
  await cleanUp();
}

await main();
process.exit(0);
