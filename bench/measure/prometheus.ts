/** A bucket of a Prometheus histogram: how many values were at most `upTo`. */
export interface Bucket {
  readonly upTo: number;
  readonly count: number;
}

/** The buckets of a histogram without labels in a text of Prometheus, ascending; none when it is not there. */
export function histogramOf(text: string, name: string): Bucket[] {
  const line = new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm");
  return [...text.matchAll(line)]
    .map(([, upTo, count]) => ({
      upTo: upTo === "+Inf" ? Number.POSITIVE_INFINITY : Number(upTo),
      count: Number(count),
    }))
    .sort((a, b) => a.upTo - b.upTo);
}

/** What a histogram has counted between two readings. */
export function countedBetween(before: readonly Bucket[], after: readonly Bucket[]): Bucket[] {
  const known = new Map(before.map(({ upTo, count }) => [upTo, count]));
  return after.map(({ upTo, count }) => ({ upTo, count: count - (known.get(upTo) ?? 0) }));
}

/** Reads a histogram from a server's metrics on the loopback address; none where it has no such port. */
export async function readHistogram(port: number | undefined, name: string): Promise<Bucket[]> {
  if (port === undefined) return [];
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
  return answer?.ok ? histogramOf(await answer.text(), name) : [];
}

/** The value that a share of all stays below, between the bounds of its bucket in proportion. */
export function quantile(buckets: readonly Bucket[], share: number): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return Number.NaN;
  const wanted = share * total;
  let below: Bucket = { upTo: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      // Of the last bucket only the lower bound is known.
      if (!Number.isFinite(bucket.upTo)) return below.upTo;
      const inside = bucket.count - below.count;
      const part = inside === 0 ? 1 : (wanted - below.count) / inside;
      return below.upTo + (bucket.upTo - below.upTo) * part;
    }
    below = bucket;
  }
  return below.upTo;
}
