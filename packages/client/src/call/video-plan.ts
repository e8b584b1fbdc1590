/** How much of the camera's picture is sent to one person. */
export type VideoPlan = "full" | "small" | "off";

/** What the plan is made from, of the last two seconds. */
export interface Road {
  /** What the browser believes that the way carries, bits a second. */
  readonly available: number | null;
  /** Share of our packets that got lost, 0 to 1. */
  readonly loss: number | null;
  /** Seconds of a round trip. */
  readonly rtt: number | null;
}

/** Below these the picture becomes small, or gives way to the voice. The voice takes about 40 kbit/s with its headers. */
const SMALL_BELOW = 250_000;
const OFF_BELOW = 80_000;
const SMALL_LOSS = 0.08;
const OFF_LOSS = 0.2;
/** Losses with which more may be tried. */
const CLEAN_LOSS = 0.03;
/** So many clean looks in a row before more is tried: a picture that comes and goes is worse than none. */
const CLEAN_LOOKS = { off: 8, small: 5 } as const;
/** Each try in vain makes the next one later, up to so many times; so many looks at full pictures forget it. */
const MOST_PATIENT = 16;
const FORGET_AFTER = 60;

/**
 * Decides, look by look, how much picture a way carries beside the voice. Browsers learn what a way carries from what is
 * sent, so a low estimate says nothing while little is sent: upwards it is tried, less often after each failure.
 */
export function createVideoPlanner(): (road: Road) => VideoPlan {
  let plan: VideoPlan = "full";
  let clean = 0;
  let bad = 0;
  let patience = 1;
  let hasTried = false;

  function fall(to: VideoPlan): void {
    if (hasTried) patience = Math.min(MOST_PATIENT, patience * 2);
    hasTried = false;
    plan = to;
    bad = clean = 0;
  }

  return (road) => {
    const wish = wishFor(road);
    if (rank(wish) < rank(plan)) {
      clean = 0;
      bad += 1;
      // One bad look is a hiccup, unless it is very bad.
      if (bad >= 2 || wish === "off") fall(wish);
      return plan;
    }
    bad = 0;
    clean = (road.loss ?? 0) <= CLEAN_LOSS ? clean + 1 : 0;
    if (plan === "full") {
      if (clean >= FORGET_AFTER) patience = 1;
    } else if (clean >= CLEAN_LOOKS[plan] * patience) {
      plan = plan === "off" ? "small" : "full";
      hasTried = true;
      clean = 0;
    }
    return plan;
  };
}

function wishFor({ available, loss }: Road): VideoPlan {
  const width = available ?? Number.POSITIVE_INFINITY;
  if (width < OFF_BELOW || (loss ?? 0) > OFF_LOSS) return "off";
  return width < SMALL_BELOW || (loss ?? 0) > SMALL_LOSS ? "small" : "full";
}

function rank(plan: VideoPlan): number {
  return plan === "full" ? 2 : plan === "small" ? 1 : 0;
}

/** What the camera's sender is told, with so many others in the call: each of them gets a copy of its own. */
export function encodingFor(plan: VideoPlan, others: number): Partial<RTCRtpEncodingParameters> {
  const full = others <= 1 ? 1_200_000 : others <= 3 ? 600_000 : 300_000;
  if (plan === "full")
    return { active: true, maxBitrate: full, scaleResolutionDownBy: others <= 3 ? 1 : 2, maxFramerate: 30 };
  return { active: plan === "small", maxBitrate: 120_000, scaleResolutionDownBy: 4, maxFramerate: 15 };
}
