import { describe, expect, test } from "vitest";
import { cpuBetween, readCpu, residentBytes } from "./cpu.js";

test("[BENCH2] a process that came in between counts whole, one that went does not count", () => {
  const before = new Map([
    [1, 100],
    [2, 500],
  ]);
  const after = new Map([
    [1, 130],
    [3, 7],
  ]);
  expect(cpuBetween(before, after)).toBe(37);
});

describe.skipIf(process.platform !== "linux")("on Linux", () => {
  test("[BENCH2] the time that the kernel counts is the time that was worked", () => {
    const own = process.cpuUsage();
    const before = readCpu([process.pid]);
    while (process.cpuUsage(own).user + process.cpuUsage(own).system < 60_000) JSON.stringify({ own });
    const seen = cpuBetween(before, readCpu([process.pid]));
    const worked = process.cpuUsage(own);
    expect(seen).toBeGreaterThan(40_000);
    expect(seen).toBeLessThan((worked.user + worked.system) * 1.5);
    expect(residentBytes(process.pid)).toBeGreaterThan(1_000_000);
  });
});
