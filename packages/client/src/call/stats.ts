import type { PairStats, Quality } from "./types.js";
import type { Road } from "./video-plan.js";

/** Counters of a moment, to be compared with those of the next. */
interface Counters {
  readonly at: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly packetsIn: number;
  readonly lostIn: number;
}

type Entry = Record<string, unknown> & { readonly type: string };

/** What two looks at a connection tell together. */
export interface Measured {
  readonly stats: PairStats;
  readonly road: Road;
}

/** Reads a connection's statistics, look after look; rates need two of them. */
export function createStatsReader(): (report: Pick<RTCStatsReport, "forEach">) => Measured {
  let before: Counters | null = null;
  return (report) => {
    const entries: Entry[] = [];
    report.forEach((entry: Entry) => void entries.push(entry));
    const ofType = (type: string) => entries.filter((entry) => entry.type === type);
    const inbound = ofType("inbound-rtp");
    const outbound = ofType("outbound-rtp");
    const pictures = inbound.filter(({ kind }) => kind === "video");
    const shown = pictures.sort((a, b) => number(b.framesDecoded) - number(a.framesDecoded))[0];
    const sent = outbound
      .filter(({ kind }) => kind === "video")
      .sort((a, b) => number(b.framesPerSecond) - number(a.framesPerSecond))[0];
    const route = routeOf(entries);
    const remote = ofType("remote-inbound-rtp");
    const losses = remote.map(({ fractionLost }) => fractionLost).filter(isNumber);
    const now: Counters = {
      at: number(entries[0]?.timestamp),
      bytesIn: sum(inbound, "bytesReceived"),
      bytesOut: sum(outbound, "bytesSent"),
      framesIn: sum(pictures, "framesDecoded"),
      framesOut: sum(outbound, "framesEncoded"),
      packetsIn: sum(inbound, "packetsReceived"),
      lostIn: sum(inbound, "packetsLost"),
    };
    const rate = ratesOf(before, now);
    before = now;
    const rtt = optional(route?.currentRoundTripTime);
    const lossOut = losses.length > 0 ? Math.max(...losses) : null;
    return {
      stats: {
        rtt: rtt === null ? null : rtt * 1_000,
        lossOut,
        ...rate,
        widthIn: optional(shown?.frameWidth),
        heightIn: optional(shown?.frameHeight),
        framesDecoded: now.framesIn,
        limitation: typeof sent?.qualityLimitationReason === "string" ? sent.qualityLimitationReason : null,
        relayed: relayOf(entries, route),
      },
      road: { available: optional(route?.availableOutgoingBitrate), loss: lossOut, rtt },
    };
  };
}

/** How good a connection is for the person who uses it. */
export function qualityOf({ rtt, lossIn, lossOut }: PairStats): Quality {
  if (rtt === null && lossIn === null) return null;
  const loss = Math.max(lossIn ?? 0, lossOut ?? 0);
  if (loss > 0.15 || (rtt ?? 0) > 1_000) return 0;
  if (loss > 0.06 || (rtt ?? 0) > 500) return 1;
  return loss > 0.02 || (rtt ?? 0) > 250 ? 2 : 3;
}

function ratesOf(before: Counters | null, now: Counters) {
  const seconds = before ? (now.at - before.at) / 1_000 : 0;
  // After a new connection counters begin anew: nothing is known for one look.
  if (!before || seconds <= 0 || now.bytesIn < before.bytesIn)
    return { lossIn: null, fpsIn: null, fpsOut: null, bitrateIn: null, bitrateOut: null };
  const per = (value: number) => Math.max(0, value) / seconds;
  const lost = Math.max(0, now.lostIn - before.lostIn);
  const packets = Math.max(0, now.packetsIn - before.packetsIn) + lost;
  return {
    lossIn: packets > 0 ? lost / packets : null,
    fpsIn: per(now.framesIn - before.framesIn),
    fpsOut: per(now.framesOut - before.framesOut),
    bitrateIn: per(now.bytesIn - before.bytesIn) * 8,
    bitrateOut: per(now.bytesOut - before.bytesOut) * 8,
  };
}

/** The way that is in use: named by the transport, or the one that says so itself. */
function routeOf(entries: readonly Entry[]): Entry | undefined {
  const chosen = entries.find(({ type }) => type === "transport")?.selectedCandidatePairId;
  const pairs = entries.filter(({ type }) => type === "candidate-pair");
  return (
    pairs.find(({ id }) => id === chosen) ??
    pairs.find(({ nominated, state }) => nominated === true && state === "succeeded")
  );
}

function relayOf(entries: readonly Entry[], route: Entry | undefined): boolean | null {
  if (!route) return null;
  const ends = [route.localCandidateId, route.remoteCandidateId];
  return entries.some((entry) => ends.includes(entry.id) && entry.candidateType === "relay");
}

function sum(entries: readonly Entry[], field: string): number {
  return entries.reduce((total, entry) => total + number(entry[field]), 0);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function number(value: unknown): number {
  return isNumber(value) ? value : 0;
}

function optional(value: unknown): number | null {
  return isNumber(value) ? value : null;
}
