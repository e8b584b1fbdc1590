import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, it } from "vitest";
import { createFakeClock } from "../processes/clock.js";

const folder = mkdtempSync(join(tmpdir(), "parlor-clock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = createFakeClock(folder);
const PROGRAM = `process.stdin.on("data", () => console.log(JSON.stringify([Date.now(), performance.now()])))`;
const HOUR = 3_600_000;

it.skipIf(clock === null)(
  `[REL8] a process sees its clock jump, and time pass as ever${clock ? "" : " (skipped: install Debian's faketime)"}`,
  async () => {
    const child = spawn(process.execPath, ["-e", PROGRAM], {
      env: { PATH: process.env.PATH, ...clock?.env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (): Promise<[number, number]> => {
      child.stdin.write("now\n");
      return JSON.parse((await lines.next()).value ?? "");
    };
    const [start, passed] = await ask();
    expect(Math.abs(start - Date.now())).toBeLessThan(HOUR / 60);
    clock?.set(7_200);
    expect((await ask())[0] - start).toBeGreaterThan(1.9 * HOUR);
    clock?.set(-36_000);
    const [end, later] = await ask();
    expect(end - start).toBeLessThan(-9 * HOUR);
    expect(later - passed).toBeGreaterThanOrEqual(0);
    expect(later - passed).toBeLessThan(HOUR / 60);
    child.kill("SIGKILL");
  },
);
