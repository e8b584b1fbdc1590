import { readdirSync, readFileSync, statSync } from "node:fs";

/** The processes that are watched: the server's own, and those of the PostgreSQL that works in a folder. */
export interface Watched {
  readonly pid: number;
  readonly databaseFolder?: string;
}

/** CPU time of processes so far, in microseconds, by process. */
export type CpuReading = ReadonlyMap<number, number>;

/** Kernel ticks of /proc/PID/stat are hundredths of a second on Linux. */
const TICK_US = 10_000;

/** User and system time of processes up to now. */
export function readCpu(pids: readonly number[]): CpuReading {
  return new Map(pids.map((pid) => [pid, exactTime(pid) ?? ticks(pid)]));
}

/** Microseconds between two readings; a process that ended in between does not count. */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  let sum = 0;
  for (const [pid, time] of after) sum += time - (before.get(pid) ?? 0);
  return sum;
}

/** The processes of the PostgreSQL that works in a folder; none where the kernel does not tell. */
export function databaseProcesses(folder: string | undefined): number[] {
  const here = folder === undefined ? null : inode(folder);
  if (here === null) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && inode(`/proc/${name}/cwd`) === here)
    .map(Number);
}

/** Resident memory of a process, in bytes; 0 when it has ended. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** The most resident memory that a process ever had, in bytes. */
export function peakBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Memory of the kernel for all TCP sockets of the machine, in bytes. */
export function socketBytes(): number {
  return Number(/^TCP:.* mem (\d+)/m.exec(read("/proc/net/sockstat"))?.[1] ?? 0) * 4096;
}

/** The threads' run time to the nanosecond, where the kernel counts it. */
function exactTime(pid: number): number | null {
  let sum = 0;
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ", 1)[0]);
    }
  } catch {
    return null;
  }
  return sum > 0 ? sum / 1000 : null;
}

function ticks(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_US;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function inode(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
