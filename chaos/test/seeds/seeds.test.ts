import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildServer } from "../../processes/build.js";
import { installedPostgres } from "../../processes/installed.js";
import { REGRESSIONS } from "../../regressions.js";
import { EventLog } from "../../report/event-log.js";
import { faultsOf } from "../../report/summary.js";
import { runChaos } from "../../run/run.js";
import type { DatabaseKind } from "../../run/world.js";

const hasPostgres = installedPostgres() !== null;
let main = "";

beforeAll(() => {
  main = buildServer();
});

async function run(seed: number, minutes: number, database: DatabaseKind): Promise<void> {
  const log = new EventLog();
  const summary = await runChaos({ seed, minutes, database, main, log, say: () => {} });
  if (summary.violations.length > 0) log.write(join(tmpdir(), `parlor-chaos-${seed}-${database}.jsonl`));
  const again = `npm run chaos -- --seed ${seed} --minutes ${minutes} --database ${database}`;
  expect(summary.violations, again).toEqual([]);
  // A harness that hit nothing has proven nothing.
  expect(faultsOf(summary)).toBeGreaterThan(50);
  expect(summary.acknowledgements).toBeGreaterThan(100);
}

const needs = (database: DatabaseKind) => database === "postgres" && !hasPostgres;
const why = (database: DatabaseKind) => (needs(database) ? " (skipped: install Debian's postgresql)" : "");

describe("[REL1] [REL2] [REL4] [REL8] [REL10] nothing is lost, doubled or reordered", () => {
  for (const [seed, database] of [
    [101, "embedded"],
    [102, "postgres"],
  ] as const) {
    it.skipIf(needs(database))(`seed ${seed} on ${database}${why(database)}`, () =>
      run(seed, 0.35, database),
    );
  }
});

describe("[REL9] schedules that once broke something", () => {
  for (const { seed, minutes, database, caught } of REGRESSIONS) {
    const title = `seed ${seed} on ${database}: ${caught}${why(database)}`;
    it.skipIf(needs(database))(title, () => run(seed, minutes, database));
  }
});
