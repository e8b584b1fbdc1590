// The load generator, in a process (and on a core) of its own: `main.ts '{"target": …, "spec": …}'` prints the figures.
import { runFanOut } from "./fan-out.js";
import { runIdle } from "./idle.js";
import type { LoadSpec, Target } from "./spec.js";

const { target, spec } = JSON.parse(process.argv[2] ?? "{}") as { target: Target; spec: LoadSpec };
try {
  const figures = await (spec.mode === "idle" ? runIdle(target, spec) : runFanOut(target, spec));
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`, () => process.exit(1));
}
