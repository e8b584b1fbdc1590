import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** What the figures depend on, without the machine's name. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cpus().length} cores (${model})`,
    `${memory} GB`,
    `Linux ${release()}`,
    `Node.js ${process.versions.node}`,
    `${openFileLimit().toLocaleString("en-US")} open files a process`,
    `ports ${portRange()}`,
    "loopback only",
  ].join(", ");
}

/** The most files that a process may have open here. */
export function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(read("/proc/self/limits"))?.[1];
  return limit === undefined ? 1024 : Number(limit);
}

/** The machine's load over the last minute. */
export function loadAverage(): number {
  return Number(read("/proc/loadavg").split(" ", 1)[0] || 0);
}

function portRange(): string {
  return read("/proc/sys/net/ipv4/ip_local_port_range").trim().split(/\s+/).join("–") || "unknown";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
