// `npm test`: builds what is stale, runs every group of tests, names what was skipped or needed another try, and ends with one line of
// counts. With PARLOR_REQUIRE_ALL=1 a skip for want of a browser or a second database is a failure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "./build.mjs";
import { root, staleTargets } from "./build-state.mjs";

const requireAll = process.env.PARLOR_REQUIRE_ALL === "1";
await build(staleTargets(["server", "web", "client"]));

const folder = mkdtempSync(join(tmpdir(), "parlor-results-"));
const results = join(folder, "results.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const run = spawnSync("npx", ["--no-install", "vitest", "run", ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
const retried = [];
let wanting = 0;
for (const test of readResults()) {
  if (test.status === "passed") {
    counts.passed += 1;
    if (test.failureMessages?.length > 0) retried.push(`${test.fullName}\n    ${firstFailure(test)}`);
  } else if (test.status === "failed") counts.failed += 1;
  else {
    counts.skipped += 1;
    skipped.push(test.fullName);
    // What a process test skips depends on who runs it and where the checkout lies, not on what is installed.
    if (!test.file.includes("/test/process/")) wanting += 1;
  }
}
rmSync(folder, { recursive: true, force: true });

if (retried.length > 0)
  console.log(`\nPassed only when tried again:\n${retried.map((name) => `  ${name}`).join("\n")}`);
if (skipped.length > 0) {
  console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join("\n")}`);
  if (requireAll) counts.failed += wanting;
}
// A file that does not load, or a set-up that fails, is no test but a failure all the same.
if (run.status !== 0 && counts.failed === 0) counts.failed = 1;
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** What went wrong at first, and the line of the test that it was. */
function firstFailure({ failureMessages, file }) {
  const [message, ...stack] = String(failureMessages[0]).split("\n");
  const place = stack
    .map((line) => /[^/]+:\d+:\d+/.exec(line)?.[0])
    .find((at) => at?.startsWith(basename(file)));
  return place ? `${message} (${place})` : message;
}

function readResults() {
  try {
    const files = JSON.parse(readFileSync(results, "utf8")).testResults;
    return files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  } catch {
    return [];
  }
}
