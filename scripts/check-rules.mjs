// Every rule that a test's title names is in docs/SPEC.md, and every rule there has a test that names it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = ["ls-files", "--cached", "--others", "--exclude-standard", "*.test.ts", "*.test.tsx"];
const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");

const rules = [...readFileSync(`${root}docs/SPEC.md`, "utf8").matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm)].map(
  ([, rule]) => rule,
);
const known = new Set(rules);
const proven = new Set();
const wrong = rules
  .filter((rule, index) => rules.indexOf(rule) !== index)
  .map((rule) => `docs/SPEC.md: ${rule} is there twice`);
for (const file of files) {
  for (const [, rule] of readFileSync(root + file, "utf8").matchAll(/\[([A-Z]+\d+)\]/g)) {
    proven.add(rule);
    if (!known.has(rule)) wrong.push(`${file}: [${rule}] is not in docs/SPEC.md`);
  }
}
for (const rule of known) if (!proven.has(rule)) wrong.push(`docs/SPEC.md: no test names [${rule}]`);

for (const line of new Set(wrong)) console.error(line);
process.exitCode = wrong.length > 0 ? 1 : 0;
