import type { CallMedia } from "@parlor/protocol";

/** Whether two objects have the same fields; those that say what is sent are compared by what they say. */
export function isSameObject<T extends object>(a: T, b: T): boolean {
  return (Object.keys(b) as (keyof T)[]).every(
    (key) => Object.is(a[key], b[key]) || areSameMedia(a[key], b[key]),
  );
}

/** Whether two legs send the same. */
export function isSameMedia(a: CallMedia, b: CallMedia): boolean {
  return a.audio === b.audio && a.video === b.video && a.screen === b.screen;
}

/** Media of two states are equal by what they say. */
function areSameMedia(a: unknown, b: unknown): boolean {
  return isMedia(a) && isMedia(b) && isSameMedia(a, b);
}

function isMedia(value: unknown): value is CallMedia {
  return typeof value === "object" && value !== null && "audio" in value && "screen" in value;
}
