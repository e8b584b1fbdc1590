import type { CallLayer } from "@parlor/protocol";
import type { VideoPlan } from "../video-plan.js";

/** Pictures that are shown in up to so many pixels of height want the smallest size, or the middle one. */
const SMALL_UP_TO = 200;
const MIDDLE_UP_TO = 420;

/**
 * The size of a camera that is worth receiving: by the height in which it is shown where that is known, else by how many
 * there are; and less of it where the way is narrow.
 */
export function layerFor(height: number | null, others: number, plan: VideoPlan): CallLayer {
  const wanted = height === null ? layerAmong(others) : layerOf(height);
  if (plan === "full") return wanted;
  return plan === "small" && wanted === 2 ? 1 : 0;
}

function layerOf(height: number): CallLayer {
  if (height <= SMALL_UP_TO) return 0;
  return height <= MIDDLE_UP_TO ? 1 : 2;
}

function layerAmong(others: number): CallLayer {
  if (others <= 1) return 2;
  return others <= 4 ? 1 : 0;
}
