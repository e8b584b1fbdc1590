// `npm run chaos -- --seed N --minutes M [--database embedded|postgres] [--report FILE] [--log FILE]`: one run.
import { appendFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildServer } from "./processes/build.js";
import { EventLog } from "./report/event-log.js";
import { faultsOf, type Summary, tableOf } from "./report/summary.js";
import { runChaos } from "./run/run.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "1" },
    database: { type: "string", default: "embedded" },
    report: { type: "string" },
    log: { type: "string" },
  },
});
const [seed, minutes, { database }] = [Number(values.seed), Number(values.minutes), values];
if (!Number.isInteger(seed) || !(minutes > 0) || (database !== "embedded" && database !== "postgres")) {
  console.error("chaos: --seed is a whole number, --minutes above 0, --database embedded or postgres");
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const main = buildServer();
const log = new EventLog();
const summary = await runChaos({
  seed,
  minutes,
  database,
  main,
  log,
  say: (line) => console.log(`chaos: ${line}`),
});
if (values.report) appendFileSync(values.report, `${JSON.stringify(summary)}\n`);
console.log(`\n${tableOf([summary])}\n`);
for (const line of summary.skipped) console.log(`skipped: ${line}`);
if (values.log) log.write(values.log);
if (summary.violations.length > 0) fail(summary);
console.log(`chaos: ${faultsOf(summary)} faults, nothing broken`);
process.exit(0);

function fail({ violations }: Summary): never {
  for (const { rule, who, detail } of violations.slice(0, 30)) console.error(`${rule}: ${who}: ${detail}`);
  const file = values.log ?? join(tmpdir(), `parlor-chaos-${seed}-${database}.jsonl`);
  log.write(file);
  console.error(
    `chaos: ${violations.length} violations; the last events are in ${file}. The same schedule again:`,
  );
  console.error(`npm run chaos -- --seed ${seed} --minutes ${minutes} --database ${database}`);
  process.exit(1);
}
