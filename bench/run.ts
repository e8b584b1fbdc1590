import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { formatNumber } from "./goal.js";
import type { Figures, LoadSpec, Target } from "./load/spec.js";
import { generator } from "./paths.js";
import type { Peer } from "./peers/catalogue.js";
import type { Invocation, RunRecord } from "./record.js";
import type { Scenario } from "./scenario.js";

/** One run of the generator may take this long; many connections and slow servers included. */
const RUN_WITHIN_MS = 300_000;

/** What a server needs that is machine code from the start. */
const COMPILED_WARMUP_SECONDS = 0.5;

/** What one invocation runs. */
export interface Plan {
  readonly scenario: Scenario;
  readonly peers: readonly Peer[];
  readonly repeats: number;
}

/** Measures a scenario: all servers in turn, and that so many times. Each repeat starts with another server. */
export async function runScenario(
  { scenario, peers, repeats }: Plan,
  run: Invocation,
  tell: (line: string) => void,
): Promise<RunRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), "parlor-bench-"));
  // The embedded database runs as another user when this runs as root.
  chmodSync(folder, 0o755);
  const records: RunRecord[] = [];
  const missing = new Map(peers.map((peer) => [peer.name, peer.missing()]));
  try {
    for (let repeat = 1; repeat <= repeats; repeat += 1) {
      for (const peer of rotated(peers, repeat - 1)) {
        const reason = missing.get(peer.name);
        if (reason && repeat > 1) continue;
        const result = reason
          ? { error: `skipped: ${reason}` }
          : await runOne(scenario, peer, folder, repeat);
        records.push({
          scenario: scenario.name,
          peer: peer.name,
          repeat,
          figures: {},
          ...result,
          run,
        });
        tell(`${scenario.name} ${repeat}/${repeats} ${peer.name}: ${summary(scenario, result)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return records;
}

type Result = { readonly figures: Figures } | { readonly error: string };

async function runOne(scenario: Scenario, peer: Peer, folder: string, repeat: number): Promise<Result> {
  try {
    const { measure } = scenario;
    if (typeof measure === "function") return { figures: await measure({ folder, repeat }) };
    const server = await peer.start(folder);
    try {
      const figures = await runLoad(server.target, peer.compiled ? shortlyWarmed(measure) : measure);
      if (figures.missing) return { error: `${figures.missing} messages missing` };
      return { figures };
    } finally {
      await server.stop();
    }
  } catch (error) {
    return {
      error: error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error),
    };
  }
}

function shortlyWarmed(spec: LoadSpec): LoadSpec {
  if (spec.mode === "idle") return spec;
  return { ...spec, warmupSeconds: Math.min(spec.warmupSeconds, COMPILED_WARMUP_SECONDS) };
}

async function runLoad(target: Target, spec: LoadSpec): Promise<Figures> {
  const job = JSON.stringify({ target, spec });
  const args = ["--import", "tsx", "--conditions=source", generator, job];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: RUN_WITHIN_MS }).catch(
    (error: { stderr?: string; message: string }) => {
      throw new Error(error.stderr?.trim() || error.message);
    },
  );
  return JSON.parse(stdout) as Figures;
}

/** Whoever comes after a heavy one must not always be the same. */
function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % Math.max(1, items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

function summary(scenario: Scenario, result: Result): string {
  if ("error" in result) return result.error;
  const parts = scenario.columns.flatMap(({ figure, title }) => {
    const value = result.figures[figure];
    return value === undefined ? [] : [`${title} ${formatNumber(value)}`];
  });
  return parts.join(", ");
}
