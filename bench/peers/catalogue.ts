import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../load/spec.js";
import { builtFile, packageFile, peerFile } from "../paths.js";
import { startParlor } from "./parlor.js";
import { type RunningServer, startPeer } from "./process.js";

/** A server that is measured. */
export interface Peer {
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Whether it is machine code from the start, which has next to nothing to warm up. */
  readonly compiled: boolean;
  /** Why it cannot run here; `null` when it can. May build what it needs. */
  missing(): string | null;
  /** Starts it; what it keeps goes into the folder. */
  start(folder: string): Promise<RunningServer>;
}

/** Debian's own, since that is where the packages go. */
const PYTHON = "/usr/bin/python3";
const PYTHON_PACKAGES = ["fastapi", "uvicorn", "uvloop", "websockets"];
const BUN = packageFile("@oven/bun-linux-x64/bin/bun");

/** All servers, in the order of the table. */
export const peers: readonly Peer[] = [
  {
    name: "parlor",
    title: "Parlor, complete: validated, authorised, durable (embedded PostgreSQL)",
    compiled: false,
    missing: () => null,
    start: (folder) => startParlor(join(folder, "parlor")),
  },
  floor("gather", "C and epoll, one write for each member and round"),
  floor("write", "C and epoll, one write for each message and member"),
  peer("bun-publish", "Bun's native publish, messages in memory", missingBun, (port) => [
    BUN,
    peerFile("bun-publish.mjs"),
    String(port),
  ]),
  peer(
    "ws-naive",
    "Node and ws, send(string) for each member, messages in memory",
    missingPackage("ws"),
    (port) => nodeCommand("ws-naive.mjs", port),
  ),
  peer(
    "socketio",
    "Socket.IO over WebSocket, messages in memory",
    missingPackage("socket.io"),
    (port) => nodeCommand("socketio.mjs", port),
    "socketio",
  ),
  peer(
    "fastapi",
    "the seeds' design: FastAPI, uvicorn, uvloop, messages in memory",
    missingPython,
    (port) => [PYTHON, peerFile("fastapi-seeds.py"), String(port)],
  ),
];

function floor(how: "gather" | "write", title: string): Peer {
  const commandFor = (port: number) => [builtFile("floor"), String(port), how];
  return { ...peer(`floor-${how}`, title, missingFloor, commandFor), compiled: true };
}

function peer(
  name: string,
  title: string,
  missing: () => string | null,
  commandFor: (port: number) => readonly string[],
  protocol: Target["protocol"] = "ws",
): Peer {
  return { name, title, compiled: false, missing, start: () => startPeer(commandFor, protocol) };
}

function nodeCommand(file: string, port: number): string[] {
  return [process.execPath, peerFile(file), String(port)];
}

function missingFloor(): string | null {
  try {
    execFileSync("cc", ["-O2", "-o", builtFile("floor"), peerFile("floor.c")], { stdio: "pipe" });
    return null;
  } catch {
    return "there is no C compiler (cc)";
  }
}

function missingPackage(name: string): () => string | null {
  return () => (existsSync(packageFile(name)) ? null : `the npm package ${name} is not installed`);
}

function missingBun(): string | null {
  if (!existsSync(BUN)) return "the npm package @oven/bun-linux-x64 is not installed";
  return spawnSync(BUN, ["--version"]).status === 0 ? null : "Bun does not run on this processor";
}

function missingPython(): string | null {
  const absent = PYTHON_PACKAGES.filter((name) => spawnSync(PYTHON, ["-c", `import ${name}`]).status !== 0);
  return absent.length === 0 ? null : `${absent.map((name) => `python3-${name}`).join(", ")} not installed`;
}
