// `npm run chaos:mutations [NAME…]`: builds a copy of the checkout with one deliberate defect each, and shows that the
// harness, or a named test, turns red. Without a defect it has to stay green.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyCheckout, replaceIn } from "./checkout.js";
import { MUTATIONS, type Mutation } from "./mutation-list.js";

/** A defect that shows only when a fault hits the right moment has so many schedules to be caught in. */
const SEEDS = [201, 202, 203];
const MINUTES = 0.4;

const wanted = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const control = wanted.length === 0 ? [{ name: "control", defect: "none", replacements: [] }] : [];
const rows: string[] = [];
let isBad = false;

for (const mutation of [...control, ...chosen]) {
  const caught = tryMutation(mutation);
  const isControl = mutation.name === "control";
  isBad ||= isControl ? caught !== null : caught === null;
  rows.push(
    `| ${mutation.name} | ${mutation.defect} | ${caught ?? (isControl ? "nothing, as it must be" : "**NOTHING**")} |`,
  );
  console.log(rows.at(-1));
}
console.log(`\n| mutation | defect | caught by |\n|---|---|---|\n${rows.join("\n")}`);
process.exit(isBad ? 1 : 0);

/** What caught the defect; `null` for nothing. */
function tryMutation({ name, replacements, test }: Mutation): string | null {
  const folder = mkdtempSync(join(tmpdir(), `parlor-mutation-${name}-`));
  chmodSync(folder, 0o755);
  try {
    copyCheckout(folder);
    for (const replacement of replacements) replaceIn(folder, replacement);
    if (test) return runTest(folder, test);
    for (const seed of name === "control" ? SEEDS.slice(0, 1) : SEEDS) {
      const caught = runSeed(folder, seed);
      if (caught !== null) return caught;
    }
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runSeed(folder: string, seed: number): string | null {
  const args = ["--conditions=source", "--import", "tsx", "chaos/main.ts"];
  const options = [
    "--seed",
    String(seed),
    "--minutes",
    String(MINUTES),
    "--log",
    join(folder, "events.jsonl"),
  ];
  const run = spawnSync(process.execPath, [...args, ...options], { cwd: folder, encoding: "utf8" });
  if (run.status === 0) return null;
  const rules = [...run.stderr.matchAll(/^([a-z ]+): [^\n]+: /gm)].map(([, rule]) => rule);
  if (rules.length === 0) throw new Error(`the harness itself failed:\n${run.stdout}${run.stderr}`);
  return `seed ${seed}: ${[...new Set(rules)].join(", ")}`;
}

function runTest(folder: string, { project, file, title }: NonNullable<Mutation["test"]>): string | null {
  const args = ["vitest", "run", "--project", project, file, "-t", title];
  const run = spawnSync("npx", ["--no-install", ...args], { cwd: folder, encoding: "utf8" });
  if (run.status === 0) return null;
  if (!run.stdout.includes("failed"))
    throw new Error(`the test itself did not run:\n${run.stdout}${run.stderr}`);
  return `\`${file}\`: ${title}`;
}
