import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../testing/free-port.js";
import type { Target } from "../load/spec.js";

const LISTENING_WITHIN_MS = 20_000;
/** A server that was asked to end has this long. */
const ENDED_WITHIN_MS = 25_000;
/** What is kept of a server's complaints. */
const OUTPUT_UNITS = 2_000;

/** A server that listens. */
export interface RunningServer {
  readonly target: Target;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
// Ours must stop its database too, so nobody is killed here.
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});

/** Starts a program; its output is kept for the case that it fails. */
export function startProcess(
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { child: ChildProcess; complaint: () => string } {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  running.add(child);
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (output.length < OUTPUT_UNITS) output += chunk.toString();
  });
  child.once("error", (error) => {
    output += error.message;
  });
  child.once("close", () => running.delete(child));
  return { child, complaint: () => output.trim().slice(0, OUTPUT_UNITS) };
}

/** Ends a process and waits for it. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), ENDED_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

/** Starts a peer and waits until it listens. */
export async function startPeer(
  commandFor: (port: number) => readonly string[],
  protocol: Target["protocol"],
): Promise<RunningServer> {
  const port = await freePort();
  const { child, complaint } = startProcess(commandFor(port));
  const deadline = performance.now() + LISTENING_WITHIN_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await endProcess(child, "SIGKILL");
      throw new Error(`it does not listen: ${complaint()}`);
    }
    await pause(30);
  }
  return {
    target: { port, protocol, pid: child.pid ?? 0 },
    stop: () => endProcess(child, "SIGKILL"),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
