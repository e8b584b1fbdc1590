/**
 * Measures calls with real media: Chromium tabs with made-up cameras (320x180, 10 pictures a second), one browser,
 * Parlor as it is built, Debian's Janus and coturn. Prints the tables of bench/RESULTS.md, "Calls".
 *
 *   npm run bench:calls -- [calls of two] [joins,sizes,cuts]
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { quantileOf } from "../../bench/statistics.js";
import { promote } from "../../packages/server/test/support/call.js";
import { startJanus, type TestJanus } from "../../packages/server/test/support/janus.js";
import { type Caller, launchCallBrowser, openCaller, seeFrames, seenBy } from "../support/call-page.js";
import { makeRoom, type Parlor, startParlor } from "../support/parlor.js";
import { startTurn } from "../support/turn.js";

/** Seconds over which processor time is counted. */
const MEASURED = 10;
/** Clock ticks a second in /proc. */
const TICKS = 100;
/** More cameras than this are a media server's work. */
const CAMERAS = 4;
const CUTS = 5;
const [calls = "20", parts = "joins,sizes,cuts"] = process.argv.slice(2);

interface Setting {
  readonly browser: Browser;
  readonly parlor: Parlor;
  readonly janus: TestJanus;
}

/** Processor seconds that this program's children of a name have used, theirs included. */
function cpuOf(name: string): number {
  const stats = new Map<number, { command: string; parent: number; ticks: number }>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const [, command = "", rest = ""] = /\((.*)\) (.*)/s.exec(statOf(entry)) ?? [];
    const fields = rest.split(" ");
    stats.set(Number(entry), { command, parent: Number(fields[1]), ticks: sumTicks(fields) });
  }
  const isMine = (pid: number): boolean => {
    const parent = stats.get(pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && isMine(parent));
  };
  let ticks = 0;
  for (const [pid, stat] of stats) if (stat.command.startsWith(name) && isMine(pid)) ticks += stat.ticks;
  return ticks / TICKS;
}

/** A process that ended while it was looked at has used nothing. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

/** `utime` and `stime` of what follows the name in /proc/PID/stat. */
function sumTicks(fields: readonly string[]): number {
  return Number(fields[11]) + Number(fields[12]);
}

async function close(callers: readonly Caller[]): Promise<void> {
  for (const { page } of callers) await page.context().close();
}

const ms = (values: readonly number[], share: number) => `${Math.round(quantileOf(values, share))} ms`;

/** From the click on "join" to the first picture of the other that is decoded, at both ends. */
async function measureJoins(setting: Setting, count: number): Promise<void> {
  const joining: number[] = [];
  const waiting: number[] = [];
  let failed = 0;
  for (let call = 0; call < count; call += 1) {
    const roomId = await makeRoom(setting.parlor);
    const ann = await openCaller(setting.browser, setting.parlor, roomId, "Ann");
    const ben = await openCaller(setting.browser, setting.parlor, roomId, "Ben");
    try {
      await ann.join();
      const seen = ann.page.evaluate(() => window.callPage.firstPicture());
      const began = performance.now();
      joining.push(await ben.page.evaluate(() => window.callPage.joinUntilPicture()));
      await seen;
      waiting.push(performance.now() - began);
      await seeFrames(ann, ben);
      await seeFrames(ben, ann);
    } catch (error) {
      failed += 1;
      process.stderr.write(`a call failed: ${String(error)}\n`);
    } finally {
      await close([ann, ben]);
    }
  }
  process.stdout.write(
    `| calls of two | failed | first picture for who joins, p50 | p95 | for who waits, p50 | p95 |\n|--:|--:|--:|--:|--:|--:|\n` +
      `| ${count} | ${failed} | ${ms(joining, 0.5)} | ${ms(joining, 0.95)} | ${ms(waiting, 0.5)} | ${ms(waiting, 0.95)} |\n\n`,
  );
}

/** Processor time of a call of so many, four of them with cameras at most. */
async function measureSize(setting: Setting, mode: "mesh" | "janus", people: number): Promise<void> {
  const roomId = await makeRoom(setting.parlor);
  const callers: Caller[] = [];
  for (let index = 0; index < people; index += 1) {
    const caller = await openCaller(setting.browser, setting.parlor, roomId, `Person ${index}`);
    callers.push(caller);
    const camera = index < CAMERAS;
    await caller.join({ camera, microphone: camera });
    if (mode === "janus" && index === 1) {
      await promote({ url: setting.parlor.url, wsUrl: setting.parlor.url.replace("http", "ws") }, roomId);
      for (const one of callers) await one.until("Janus carries the call", (call) => call.mode === "janus");
    }
  }
  const senders = callers.slice(0, CAMERAS);
  for (const caller of callers)
    for (const sender of senders) if (sender !== caller) await seeFrames(caller, sender);
  const pictures = async () => {
    const looks = await Promise.all(callers.map(({ look }) => look()));
    return looks.flatMap((look) => look.people).reduce((sum, { camera }) => sum + camera, 0);
  };
  const names = ["chromium", "janus", "node"] as const;
  const before = { pictures: await pictures(), cpu: names.map(cpuOf), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, MEASURED * 1_000));
  const seconds = (performance.now() - before.at) / 1_000;
  const cpu = names.map((name, index) => (cpuOf(name) - (before.cpu[index] ?? 0)) / seconds);
  const streams = senders.length * (people - 1);
  const perSecond = ((await pictures()) - before.pictures) / seconds / streams;
  const [browser = 0, janus = 0, parlor = 0] = cpu;
  const perStream = mode === "janus" ? `${((janus / streams) * 1_000).toFixed(1)}` : "";
  process.stdout.write(
    `| ${mode} | ${people} (${senders.length}) | ${streams} | ${perSecond.toFixed(1)} | ${browser.toFixed(2)} | ${(browser / people).toFixed(2)} | ${mode === "janus" ? janus.toFixed(3) : ""} | ${perStream} | ${parlor.toFixed(3)} |\n`,
  );
  await close(callers);
}

async function measureSizes(setting: Setting): Promise<void> {
  process.stdout.write(
    "| engine | people (with cameras) | streams | pictures/s of each | browser, cores | a person | Janus, cores | thousandths a stream | Parlor, cores |\n" +
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
  );
  for (const mode of ["mesh", "janus"] as const)
    for (const people of [2, 3, 4, 5, 6]) await measureSize(setting, mode, people);
}

/** From the moment the only way is there again to pictures that come again, at both ends. */
async function measureCuts(browser: Browser): Promise<void> {
  let relay = await startTurn({ letsLoopbackIn: true });
  const { port } = relay;
  const env = { TURN_URL: `turn:127.0.0.1:${port}?transport=tcp`, TURN_SECRET: relay.secret };
  const parlor = await startParlor(env);
  const times: number[] = [];
  for (let cut = 0; cut < CUTS; cut += 1) {
    // A call that found its way again may have found another one than the relay, so each cut has a call of its own.
    const roomId = await makeRoom(parlor);
    const ann = await openCaller(browser, parlor, roomId, "Ann");
    const ben = await openCaller(browser, parlor, roomId, "Ben");
    await ann.join({ relayOnly: true });
    await ben.join({ relayOnly: true });
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    await relay.close();
    for (const caller of [ann, ben])
      await caller.until("the way is lost", ({ people }) => people[0]?.status !== "connected");
    const shown = [(await seenBy(ann, ben)).camera, (await seenBy(ben, ann)).camera];
    relay = await startTurn({ letsLoopbackIn: true, on: port });
    const began = performance.now();
    // Those of another connection count anew.
    const isOther = (before: number | undefined) => (call: { people: readonly { camera: number }[] }) =>
      (call.people[0]?.camera ?? 0) > 0 && call.people[0]?.camera !== before;
    await Promise.all([ann.until("pictures", isOther(shown[0])), ben.until("pictures", isOther(shown[1]))]);
    times.push(performance.now() - began);
    await close([ann, ben]);
  }
  process.stdout.write(
    `\n| cuts of the only way | pictures again at both ends, p50 | longest |\n|--:|--:|--:|\n| ${CUTS} | ${ms(times, 0.5)} | ${ms(times, 1)} |\n`,
  );
  await parlor.close();
  await relay.close();
}

const janus = await startJanus();
const parlor = await startParlor({ ...janus.env, RATE_LIMIT: "off" });
const browser = await launchCallBrowser();
const setting = { browser, parlor, janus };
if (parts.includes("joins")) await measureJoins(setting, Number(calls));
if (parts.includes("sizes")) await measureSizes(setting);
if (parts.includes("cuts")) await measureCuts(browser);
await browser.close();
await parlor.close();
await janus.close();
