// What other features may use of this one: doors to what is loaded once the page is there.
import type { ComponentType, ReactNode } from "react";
import { type Part, part } from "../../ui/part.js";

type Parts = typeof import("./parts.js");
type Props<K extends keyof Parts> = Parts[K] extends ComponentType<infer P> ? P : never;

/** A room without calls is better than none: what cannot be fetched is not shown. */
function door<K extends Exclude<keyof Parts, "openCallWords">>(
  name: K,
  waiting?: () => ReactNode,
): Part<Props<K> & object> {
  return part<Props<K> & object>(
    async () => {
      const parts = await import("./parts.js");
      await parts.openCallWords();
      return parts[name] as ComponentType<Props<K> & object>;
    },
    { failing: "silent", ...(waiting ? { waiting } : {}) },
  );
}

export const CallButton = door("CallButton", () => <span className="size-10 shrink-0" />);
export const CallPlace = door("CallPlace");
export const CallMessage = door("CallMessage");
export const CallHost = door("CallHost");
export const CheckDoor = door("CheckDoor");
