import { ERRORS, FATAL_CLOSE_CODES } from "@parlor/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryDelay } from "./retry.js";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const closeCodes = Object.values(ERRORS).flatMap((entry) => ("close" in entry ? [entry.close] : []));

describe("retryDelay", () => {
  test("grows from a quarter of a second to half a minute, never above", () => {
    fc.assert(
      fc.property(fc.nat(10_000), random, (tries, luck) => {
        const delay = retryDelay({ tries, random: luck }) ?? Number.NaN;
        expect(delay).toBeGreaterThanOrEqual(250);
        expect(delay).toBeLessThanOrEqual(30_000);
        expect(retryDelay({ tries: tries + 1, random: luck })).toBeGreaterThanOrEqual(delay);
      }),
    );
    expect(retryDelay({ tries: 0, random: 0 })).toBe(250);
    expect(retryDelay({ tries: 40, random: 0.5 })).toBe(22_500);
  });

  test("[SDK1] comes back within a second and a half of a restart that takes twenty seconds, and asks rarely after minutes", () => {
    let away = 0;
    for (let tries = 0; away < 18_000; tries += 1) {
      const delay = retryDelay({ tries, random: 0.999 }) ?? Number.NaN;
      expect(delay).toBeLessThanOrEqual(1_500);
      away += delay;
    }
    let tries = 0;
    for (away = 0; away < 3_600_000; tries += 1) away += retryDelay({ tries, random: 0.5 }) ?? Number.NaN;
    expect(tries).toBeLessThan(190);
  });

  test("never comes back after a close code of the catalogue that says so, and always after the others", () => {
    for (const code of [...closeCodes, 1000, 1001, 1006, 1009, 1011]) {
      expect(retryDelay({ tries: 0, code, random: 0.5 }) === null).toBe(FATAL_CLOSE_CODES.has(code));
    }
  });

  test("waits long after too many frames", () => {
    fc.assert(
      fc.property(fc.nat(20), random, (tries, luck) => {
        expect(retryDelay({ tries, code: 4429, random: luck })).toBeGreaterThanOrEqual(10_000);
      }),
    );
  });

  test("spreads everybody's return after a restart over more than a second", () => {
    const delays = [0, 0.25, 0.5, 0.75].map(
      (luck) => retryDelay({ tries: 0, code: 1012, random: luck }) ?? 0,
    );
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(1_000);
  });

  test("is never sooner than the server asked", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(120_000), random, (tries, retryAfter, luck) => {
        expect(retryDelay({ tries, retryAfter, random: luck })).toBeGreaterThanOrEqual(retryAfter);
      }),
    );
  });
});
