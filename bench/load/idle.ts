import { setTimeout as pause } from "node:timers/promises";
import { cpuBetween, peakBytes, readCpu, residentBytes, socketBytes } from "../measure/cpu.js";
import { connectMembers, makeRooms } from "./rooms.js";
import type { Figures, IdleSpec, Target } from "./spec.js";

/** A server is at rest when it used less than this share of a core between two looks. */
const REST_SHARE = 0.03;
const LOOK_MS = 500;
const REST_WITHIN_MS = 120_000;
/**
 * How long a process rests before its memory is read. What connecting left behind is no memory of a connection, and a
 * garbage collector gives it back only when nothing happens: V8 in steps, all of it within 55 seconds on a quiet machine.
 */
const SETTLE_MS = 60_000;

/** Connects members that only stay, and drops all of them at once. */
export async function runIdle(target: Target, spec: IdleSpec): Promise<Figures> {
  const roomIds = await makeRooms(target, spec.rooms);
  const total = spec.rooms * spec.members;
  let lost = 0;
  let dropping = false;
  const listeners = () => ({
    onText: () => undefined,
    onBytes: () => undefined,
    onLost: () => {
      if (!dropping) lost += 1;
    },
  });
  // A tenth warms the server up, so that the growth over the rest is that of the connections.
  const warm = Math.ceil(total / 10);
  const first = await connectMembers(target, roomIds, { from: 0, to: warm }, listeners);
  await settle(target.pid);
  const before = { resident: residentBytes(target.pid), sockets: socketBytes(), cpu: readCpu([target.pid]) };
  const start = performance.now();
  const others = await connectMembers(target, roomIds, { from: warm, to: total }, listeners);
  const connectSeconds = (performance.now() - start) / 1000;
  await settle(target.pid);
  const connected = readCpu([target.pid]);
  const resident = residentBytes(target.pid);
  const sockets = socketBytes();
  if (lost > 0) throw new Error(`${lost} members lost their connection`);
  dropping = true;
  for (const member of [...first, ...others]) member.drop();
  await rest(target.pid);
  const connectCpu = cpuBetween(before.cpu, connected) / (total - warm);
  const lossCpu = cpuBetween(connected, readCpu([target.pid])) / total;
  const peak = peakBytes(target.pid);
  return {
    connections: total,
    bytesPerConnection: (resident - before.resident) / (total - warm),
    socketBytesPerConnection: (sockets - before.sockets) / (total - warm),
    peakBytesPerConnection: peak / total,
    connectCpuPerMember: connectCpu,
    lossCpuPerMember: lossCpu,
    cpuSecondsFor50000: ((connectCpu + lossCpu) * 50_000) / 1e6,
    connectSeconds,
    residentMb: resident / 1e6,
    peakMb: peak / 1e6,
    afterLossMb: residentBytes(target.pid) / 1e6,
  };
}

/** Waits until a process does next to nothing. */
async function rest(pid: number): Promise<void> {
  const deadline = performance.now() + REST_WITHIN_MS;
  for (let before = readCpu([pid]); performance.now() < deadline; ) {
    await pause(LOOK_MS);
    const now = readCpu([pid]);
    if (cpuBetween(before, now) < REST_SHARE * LOOK_MS * 1000) return;
    before = now;
  }
}

/** Waits until a process has rested for long enough to have given back what it does not use. */
async function settle(pid: number): Promise<void> {
  await rest(pid);
  await pause(SETTLE_MS);
}
