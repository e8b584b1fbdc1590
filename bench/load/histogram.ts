/** Buckets of each power of two: none is wider than 3 %. */
const STEPS = 32;
const SMALLEST = 1e-3;

/** Counts of durations in milliseconds, in buckets that grow with the duration. */
export function createHistogram() {
  const counts = new Float64Array(64 * STEPS);
  let total = 0;
  let largest = 0;

  return {
    add(milliseconds: number): void {
      const value = Math.max(milliseconds, SMALLEST) / SMALLEST;
      const bucket = Math.min(counts.length - 1, Math.floor(Math.log2(value) * STEPS));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
      if (milliseconds > largest) largest = milliseconds;
    },

    get count(): number {
      return total;
    },

    get max(): number {
      return largest;
    },

    /** The duration that a share of all stays below, in milliseconds; 0 when there is none. */
    quantile(share: number): number {
      let seen = 0;
      for (const [bucket, count] of counts.entries()) {
        seen += count;
        if (seen > share * total) return Math.min(largest, SMALLEST * 2 ** ((bucket + 0.5) / STEPS));
      }
      return largest;
    },
  };
}
