import { expect, test } from "vitest";
import { createAllowance } from "./allowance.js";

test("[CALL13] something is allowed a few times at once, then once for each while that passes", () => {
  let now = 1_000;
  const may = createAllowance({ now: () => now, after: () => () => {} }, 3, 4_000);
  expect([may(), may(), may(), may()]).toEqual([true, true, true, false]);
  now += 4_000;
  expect([may(), may()]).toEqual([true, false]);
  // A clock that is set back gives nothing.
  now -= 3_600_000;
  expect(may()).toBe(false);
  now += 4_000;
  expect([may(), may()]).toEqual([true, false]);
  now += 3_600_000;
  expect([may(), may(), may(), may()]).toEqual([true, true, true, false]);
});
