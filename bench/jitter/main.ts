/**
 * The jitter yardstick: clients whose network breaks every 15 seconds or so, two seconds offline each time, while
 * messages flow. Counts what arrived of what had to, and how long a return takes until nothing is missing.
 *
 *   npm run bench:jitter -- [clients] [seconds]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender } from "./client.js";
import { startParlorContender } from "./parlor.js";
import { type JitterResult, type JitterSpec, runJitter } from "./run.js";
import { startSocketIoContender } from "./socketio.js";

const CLIENTS_IN_ROOM = 50;
const [clients = "1000", seconds = "60"] = process.argv.slice(2);
const spec: JitterSpec = {
  clients: Number(clients),
  rooms: Math.ceil(Number(clients) / CLIENTS_IN_ROOM),
  seconds: Number(seconds),
  cutEvery: 15,
  offlineSeconds: 2,
  perSecond: 2,
};

const folder = mkdtempSync(join(tmpdir(), "parlor-jitter-"));
const contenders: readonly (() => Promise<Contender>)[] = [
  () => startParlorContender(join(folder, "data")),
  () => startSocketIoContender(false),
  () => startSocketIoContender(true),
];
process.stdout.write(
  `${spec.clients} clients in ${spec.rooms} rooms, ${spec.perSecond} messages a second in each, ${spec.seconds} s\n\n`,
);
process.stdout.write(
  "| server | delivered | lost | doubled | out of order | cuts | returns that failed | whole again p50 | p99 |\n" +
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
);
for (const start of contenders) {
  const contender = await start();
  const result = await runJitter(contender, spec).finally(() => contender.stop());
  process.stdout.write(`${rowOf(contender, result)}\n`);
}
rmSync(folder, { recursive: true, force: true });
// Sockets that were cut may still be known to their libraries.
process.exit(0);

function rowOf({ title }: Contender, result: JitterResult): string {
  const share = `${((result.delivered / result.expected) * 100).toFixed(3)} %`;
  const time = (ms: number) => (Number.isFinite(ms) ? `${ms.toFixed(1)} ms` : "never");
  const { expected, delivered, duplicated, reordered, cuts, failedReturns } = result;
  const counts = [share, expected - delivered, duplicated, reordered, cuts, failedReturns].join(" | ");
  return `| ${title} | ${counts} | ${time(result.replayP50)} | ${time(result.replayP99)} |`;
}
