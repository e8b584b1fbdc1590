import type { VideoPlan } from "../video-plan.js";

/** The sizes in which a camera is sent, smallest first: of a small picture browsers send the first ones alone. */
export const SIZES = ["l", "m", "h"] as const;

/** Pictures whose shorter side has so many pixels are worth three sizes, or two. */
const THREE_FROM = 540;
const TWO_FROM = 270;

/** How a camera is sent to a media server: once, in as many sizes as its picture is worth; `side`: its shorter one. */
export function encodingsFor(
  side: number,
  plan: VideoPlan,
): Record<(typeof SIZES)[number], Partial<RTCRtpEncodingParameters>> {
  const sizes = side >= THREE_FROM ? 3 : side >= TWO_FROM ? 2 : 1;
  const isFull = plan === "full";
  return {
    h: { active: isFull && sizes === 3, scaleResolutionDownBy: 1, maxBitrate: 1_200_000, maxFramerate: 30 },
    m: {
      active: isFull && sizes >= 2,
      scaleResolutionDownBy: sizes === 3 ? 2 : 1,
      maxBitrate: 400_000,
      maxFramerate: 30,
    },
    l: {
      active: plan !== "off",
      scaleResolutionDownBy: 2 ** (sizes - 1),
      maxBitrate: sizes === 1 ? 250_000 : 130_000,
      maxFramerate: plan === "small" ? 15 : 30,
    },
  };
}
