import { setTimeout as pause } from "node:timers/promises";
import { cpuBetween, databaseProcesses, readCpu, residentBytes } from "../measure/cpu.js";
import { type Bucket, countedBetween, quantile, readHistogram } from "../measure/prometheus.js";
import { drive } from "./drive.js";
import { connectMembers, makeRooms } from "./rooms.js";
import type { FanOutSpec, Figures, Target } from "./spec.js";
import { createTraffic, type Traffic } from "./traffic.js";

/** Time without a text frame after which joining is over, and the longest wait for it. Pings come all the time. */
const QUIET_MS = 300;
const SETTLE_MS = 30_000;
/** A server whose processes use less than this part of a core has done what the warm-up left, and the longest wait. */
const AT_REST = 0.05;
const REST_MS = 60_000;
/** The server's own histogram: seconds from a commit to its write to the room's sockets. */
const COMMIT_TO_WRITE = "parlor_commit_to_write_seconds";

/**
 * Fills the rooms, warms the server, and measures. Every server is warmed flat out, also for slow traffic: the measured
 * time would else be that of a compiler which has seen a few hundred messages.
 */
export async function runFanOut(target: Target, spec: FanOutSpec): Promise<Figures> {
  const traffic = createTraffic(spec, target.protocol);
  let lost: string | null = null;
  const members = await connectMembers(
    target,
    await makeRooms(target, spec.rooms),
    { from: 0, to: spec.rooms * spec.members },
    (index) => ({
      onText: (buffer, start, end) => traffic.onText(index, buffer, start, end),
      onBytes: traffic.onBytes,
      onLost: (why) => {
        lost ??= `member ${index} lost its connection: ${why}`;
      },
    }),
  );
  traffic.use(members);
  await settle(traffic);
  const isPaced = spec.drive.kind === "paced";
  await drive(traffic, isPaced ? flatOut(spec) : spec, spec.warmupSeconds);
  if (isPaced) await rest(target);
  const missingWarmup = traffic.count().missing;
  traffic.reset();
  const figures = await measure(target, spec, traffic);
  if (lost !== null) throw new Error(lost);
  return { ...figures, missing: (figures.missing ?? 0) + missingWarmup };
}

function flatOut(spec: FanOutSpec): FanOutSpec {
  return { ...spec, drive: { kind: "room-window", messages: spec.rooms === 1 ? 32 : 1 } };
}

async function settle(traffic: Traffic): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  for (let seen = -1; seen !== traffic.texts && performance.now() < deadline; ) {
    seen = traffic.texts;
    await pause(QUIET_MS);
  }
}

/** Slow traffic must not be charged for what a flood leaves to do in the background, such as an index of words. */
async function rest(target: Target): Promise<void> {
  const pids = [target.pid, ...databaseProcesses(target.databaseFolder)];
  const deadline = performance.now() + REST_MS;
  for (let share = 1; share > AT_REST && performance.now() < deadline; ) {
    const [before, start] = [readCpu(pids), performance.now()];
    await pause(2 * QUIET_MS);
    share = cpuBetween(before, readCpu(pids)) / 1000 / (performance.now() - start);
  }
}

async function measure(target: Target, spec: FanOutSpec, traffic: Traffic): Promise<Figures> {
  const databases = databaseProcesses(target.databaseFolder);
  const written = await readHistogram(target.metricsPort, COMMIT_TO_WRITE);
  const before = { server: readCpu([target.pid]), database: readCpu(databases), own: process.cpuUsage() };
  const start = performance.now();
  await drive(traffic, spec, spec.seconds);
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuBetween(before.server, readCpu([target.pid]));
  const databaseCpu = cpuBetween(before.database, readCpu(databases));
  const own = process.cpuUsage(before.own);
  const waits = countedBetween(written, await readHistogram(target.metricsPort, COMMIT_TO_WRITE));
  const { sent, deliveries, missing, bytes, latency, lateness } = traffic.count();
  return {
    sent,
    deliveries,
    missing,
    seconds,
    cpuPerDelivery: cpu / deliveries,
    cpuPerMessage: cpu / sent,
    databaseCpuPerMessage: databaseCpu / sent,
    messagesPerSecond: sent / seconds,
    deliveriesPerSecond: deliveries / seconds,
    deliveriesPerCore: (deliveries * 1e6) / cpu,
    serverShare: cpu / 1e6 / seconds,
    generatorShare: (own.user + own.system) / 1e6 / seconds,
    p50: latency.quantile(0.5),
    p99: latency.quantile(0.99),
    max: latency.max,
    sendLatenessP50: lateness.quantile(0.5),
    bytesPerFrame: bytes / deliveries,
    residentMb: residentBytes(target.pid) / 1e6,
    ...waitFigures(waits),
  };
}

/** In milliseconds. */
function waitFigures(waits: readonly Bucket[]): Figures {
  if (waits.length === 0) return {};
  return { commitToWriteP50: quantile(waits, 0.5) * 1000, commitToWriteP99: quantile(waits, 0.99) * 1000 };
}
