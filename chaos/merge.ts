// `npm run chaos:merge -- FILE…`: the table of many runs, from the files that `--report` has written.
import { readFileSync } from "node:fs";
import { type Summary, tableOf } from "./report/summary.js";

const summaries = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, "utf8").split("\n"))
  .filter((line) => line !== "")
  .map((line): Summary => JSON.parse(line));
const runs = summaries.map(({ seed, minutes, database }) => `${seed} (${database}, ${minutes} min)`);
console.log(`Seeds: ${runs.join(", ")}\n\n${tableOf(summaries)}`);
