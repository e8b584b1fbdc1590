/**
 * The floor under bench/return.ts: clients that do nothing but connect come back to a server that does nothing but
 * accept them and say one word, both with the package `ws` alone, with the waits of the SDK, on the same machine.
 *
 *   node --import tsx --conditions source bench/return-floor.ts [clients] [SIGTERM|SIGKILL]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket, WebSocketServer } from "ws";
import { retryDelay } from "../packages/client/src/retry.js";

/** Clients in one process. */
const SHARD = 250;
/** Milliseconds over which a server that stops closes its sockets, as Parlor does. */
const CLOSE_SPREAD = 1_000;
const PATIENCE = 60_000;

/** When each client was last welcomed, milliseconds since 1970, and the processor time that the process has used. */
interface State {
  readonly liveAt: readonly number[];
  readonly cpuSeconds: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function serve(port: number): void {
  const server = new WebSocketServer({ port, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => socket.send("welcome"));
  server.on("listening", () => process.send?.(server.address()));
  process.on("message", () => process.send?.({ liveAt: [], cpuSeconds: cpuSeconds() } satisfies State));
  process.once("SIGTERM", async () => {
    const open = [...server.clients];
    server.close();
    for (const socket of open) {
      socket.close(1012);
      await pause(CLOSE_SPREAD / open.length);
    }
    process.exit(0);
  });
}

function crowd(port: number, size: number): void {
  const liveAt = new Array<number>(size).fill(0);
  const connect = (index: number, tries: number) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    let failed = tries;
    socket.on("message", () => {
      failed = 0;
      liveAt[index] = Date.now();
    });
    socket.on("error", () => {});
    socket.on("close", (code) => {
      const delay = retryDelay({ tries: failed, code, random: Math.random() }) ?? 0;
      setTimeout(() => connect(index, failed + 1), delay);
    });
  };
  for (let index = 0; index < size; index += 1) connect(index, 0);
  process.on("message", () => process.send?.({ liveAt, cpuSeconds: cpuSeconds() } satisfies State));
}

function start(role: "serve" | "crowd", ...args: readonly number[]): ChildProcess {
  const execArgv = ["--import", "tsx", "--conditions", "source"];
  return fork(fileURLToPath(import.meta.url), [role, ...args.map(String)], { execArgv });
}

async function tell(child: ChildProcess): Promise<State> {
  child.send("tell");
  const [state] = await once(child, "message");
  return state as State;
}

async function waitFor(crowds: readonly ChildProcess[], size: number, since: number): Promise<number[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const states = await Promise.all(crowds.map(tell));
    const live = states.flatMap(({ liveAt }) => liveAt.filter((at) => at > since));
    if (live.length === size || Date.now() > deadline) return live.sort((a, b) => a - b);
    await pause(200);
  }
}

async function main(size: number, signal: NodeJS.Signals): Promise<void> {
  let server = start("serve", 0);
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  const shards = Math.ceil(size / SHARD);
  const crowds = Array.from({ length: shards }, () => start("crowd", port, Math.ceil(size / shards)));
  const all = Math.ceil(size / shards) * shards;
  const cpuOfCrowds = async () =>
    (await Promise.all(crowds.map(tell))).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  await waitFor(crowds, all, 0);
  for (const visit of [1, 2]) {
    await pause(3_000);
    const before = await cpuOfCrowds();
    const stopping = Date.now();
    server.kill(signal);
    await once(server, "exit");
    server = start("serve", port);
    await once(server, "message");
    const answered = Date.now();
    const idle = await tell(server);
    const live = await waitFor(crowds, all, stopping);
    const at = (share: number) =>
      (live[Math.min(live.length - 1, Math.floor(live.length * share))] ?? 0) - answered;
    console.log({
      signal,
      clients: all,
      visit,
      never: all - live.length,
      backMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), last: at(1) },
      serverCpuSeconds: Math.round(((await tell(server)).cpuSeconds - idle.cpuSeconds) * 100) / 100,
      clientsCpuSeconds: Math.round(((await cpuOfCrowds()) - before) * 100) / 100,
    });
  }
  for (const child of [server, ...crowds]) child.kill("SIGKILL");
}

const [first = "1000", ...rest] = process.argv.slice(2);
if (first === "serve") serve(Number(rest[0]));
else if (first === "crowd") crowd(Number(rest[0]), Number(rest[1]));
else await main(Number(first), (rest[0] ?? "SIGTERM") as NodeJS.Signals);
