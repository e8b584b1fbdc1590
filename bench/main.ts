// `npm run bench`: measures our server beside its peers and writes RESULTS.md; NOTES.md says what and how.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, describeComparison, FLOOR } from "./compare.js";
import { OURS } from "./goal.js";
import { describeMachine, loadAverage } from "./measure/machine.js";
import { formatProfile, summarise } from "./measure/profile.js";
import { type Options, readOptions, usage } from "./options.js";
import { profiles, resultsLines, resultsTable, root } from "./paths.js";
import { peers } from "./peers/catalogue.js";
import { profileInto } from "./peers/parlor.js";
import { formatRecords, type Invocation, mergeRecords, parseRecords, type RunRecord } from "./record.js";
import { type Plan, runScenario } from "./run.js";
import type { Scenario } from "./scenario.js";
import { scenarios } from "./scenarios/catalogue.js";
import { formatResults } from "./table.js";

/** What the short mode runs: what has a floor and fits into three minutes. It warms up too, or it would time a compiler. */
const SHORT = {
  repeats: 2,
  seconds: 1.5,
  warmupSeconds: 3,
  without: ["rooms500", "paced20", "durable64"],
};
/** Functions in the summary of a profile. */
const PROFILE_LINES = 25;
/** Above it other work on the machine shows in rates and times. */
const QUIET_LOAD = 1;

function planOf(options: Options): Plan[] {
  const chosen = scenarios.filter(({ name, cpuFigure }) => {
    if (options.scenarios.length > 0) return options.scenarios.includes(name);
    return !options.short || (cpuFigure !== undefined && !SHORT.without.includes(name));
  });
  return chosen.map((scenario) => ({
    scenario: withTimes(scenario, options),
    repeats: options.repeats ?? (options.profile ? 1 : options.short ? SHORT.repeats : scenario.repeats),
    peers: peers.filter(({ name }) => {
      if (!scenario.peers.includes(name) || (options.profile && name !== OURS)) return false;
      if (options.peers.length > 0) return options.peers.includes(name);
      return !options.short || name === OURS || name === FLOOR;
    }),
  }));
}

function withTimes(scenario: Scenario, options: Options): Scenario {
  const { measure } = scenario;
  if (typeof measure === "function" || measure.mode === "idle") return scenario;
  const seconds = options.seconds ?? (options.short ? SHORT.seconds : measure.seconds);
  const warmupSeconds =
    options.warmupSeconds ?? (options.short ? SHORT.warmupSeconds : measure.warmupSeconds);
  return { ...scenario, measure: { ...measure, seconds, warmupSeconds } };
}

function readResults(): RunRecord[] {
  return existsSync(resultsLines) ? parseRecords(readFileSync(resultsLines, "utf8")) : [];
}

function writeResults(records: readonly RunRecord[]): void {
  const known = records.filter(({ scenario }) => scenarios.some(({ name }) => name === scenario));
  writeFileSync(resultsLines, formatRecords(known));
  writeFileSync(resultsTable, formatResults(scenarios, peers, known) + otherResults());
}

/** What other programs measured stands behind a heading of its own, and stays. */
function otherResults(): string {
  const before = existsSync(resultsTable) ? readFileSync(resultsTable, "utf8") : "";
  const start = before.indexOf("\n## Other programs\n");
  return start < 0 ? "" : before.slice(start);
}

function describeInvocation(args: readonly string[]): Invocation {
  const git = (...words: string[]) => {
    try {
      return execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
    } catch {
      return "";
    }
  };
  // The results themselves change with every scenario.
  const changed = git("status", "--porcelain", "--", ".", ":!bench/RESULTS.md", ":!bench/results.jsonl");
  return {
    at: new Date().toISOString(),
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed === "" ? "" : " with changes"}`,
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    machine: describeMachine(),
  };
}

function startProfile(): void {
  rmSync(profiles, { recursive: true, force: true });
  profileInto(profiles);
}

function tellProfile(): void {
  for (const name of existsSync(profiles) ? readdirSync(profiles) : []) {
    const profile = JSON.parse(readFileSync(join(profiles, name), "utf8"));
    console.log(formatProfile(summarise(profile, PROFILE_LINES)));
  }
}

async function main(args: readonly string[]): Promise<boolean> {
  const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);
  const options = readOptions(args, { scenarios: names(scenarios), peers: names(peers) });
  const run = describeInvocation(args);
  const last = readResults();
  if (loadAverage() > QUIET_LOAD) {
    console.log(`The machine is busy (load ${loadAverage()}): compare ratios, and trust no rate or time.`);
  }
  const measured: RunRecord[] = [];
  const plan = planOf(options).filter((entry) => entry.peers.length > 0);
  for (const entry of plan) {
    if (options.profile) startProfile();
    measured.push(...(await runScenario(entry, run, (line) => console.log(line))));
    if (options.profile) tellProfile();
    else if (!options.short) writeResults(mergeRecords(last, measured));
  }
  const failed = measured.filter(({ error }) => error !== undefined && !error.startsWith("skipped"));
  for (const { scenario, peer, repeat, error } of failed) {
    console.log(`failed: ${scenario} ${repeat} ${peer}: ${error}`);
  }
  if (!options.short) return failed.length === 0;
  const comparable = plan.flatMap(({ scenario: { name, cpuFigure } }) =>
    cpuFigure ? { name, cpuFigure } : [],
  );
  const comparisons = compare(comparable, last, measured);
  console.log(describeComparison(comparisons));
  return failed.length === 0 && comparisons.every(({ verdict }) => verdict !== "slower");
}

// Servers of ours end by themselves; without this their temporary folders would stay.
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
