import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a running PostgreSQL tells of itself in its data folder. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly isReady: boolean;
}

/** Reads `postmaster.pid`; `null` when there is none, or it is half written. */
export function readPidFile(clusterDir: string): PidFile | null {
  try {
    const lines = readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!(pid > 0) || !(port > 0)) return null;
    return { pid, port, socketFolder: lines[4]?.trim() ?? "", isReady: lines[7]?.trim() === "ready" };
  } catch {
    return null;
  }
}

/** The processes of a PostgreSQL that serve a connection over a socket. */
export function backendsOf(postmaster: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [title, stat] = [readProc(pid, "cmdline"), readProc(pid, "stat")];
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      return Number(parent) === postmaster && /\[local\]|127\.0\.0\.1\(/.test(title);
    })
    .map(Number);
}

/** Kills a process without warning; `false` when it is gone already. */
export function killProcess(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Whether a process runs and is a PostgreSQL: process numbers are given out again. */
export function isPostgres(pid: number): boolean {
  return readProc(String(pid), "stat").includes("(postgres)");
}

function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
