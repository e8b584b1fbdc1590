/** Louder than this is a voice, quieter than the second is none; between them it stays as it was. */
const BEGINS = 0.35;
const ENDS = 0.25;
/** A pause within a sentence. */
const HOLD = 600;

/** Whether somebody speaks, from a row of loudnesses (0 to 1). */
export function createSpeaking(): (level: number, now: number) => boolean {
  let isSpeaking = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  return (level, now) => {
    if (level >= (isSpeaking ? ENDS : BEGINS)) {
      isSpeaking = true;
      heardAt = now;
    } else if (isSpeaking && Math.abs(now - heardAt) > HOLD) {
      isSpeaking = false;
    }
    return isSpeaking;
  };
}
