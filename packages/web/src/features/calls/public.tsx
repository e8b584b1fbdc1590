// What other features may use of this one: doors to what is loaded once the page is there.
import { type ComponentType, lazy } from "react";

type Parts = typeof import("./parts.js");

/** A room without calls is better than none: what cannot be fetched is not shown. */
function part<K extends Exclude<keyof Parts, "openCallWords">>(name: K): Parts[K] {
  return lazy(async () => {
    try {
      const parts = await import("./parts.js");
      await parts.openCallWords();
      return { default: parts[name] as ComponentType<object> };
    } catch {
      return { default: () => null };
    }
  }) as unknown as Parts[K];
}

export const CallButton = part("CallButton");
export const CallPlace = part("CallPlace");
export const CallLine = part("CallLine");
export const CallHost = part("CallHost");
export const CheckDoor = part("CheckDoor");
