import { useEffect, useSyncExternalStore } from "react";
import { whenIdle } from "../ui/part.js";

/** A page that never says that it is there keeps the rest waiting so long, and no longer. */
const SHOWN_WITHIN = 3_000;
/** What somebody may want soon comes so long after what they came for, or with the first sign that they want more. */
const CALM_AFTER = 1_500;

/** An idle moment comes right after the first frame, and what is begun in it would keep the first letter waiting. */
const BREATH = 100;

type Moment = "opening" | "shown" | "calm";

const listeners = new Set<() => void>();
let moment: Moment = "opening";
let isAwaited = false;

function reach(next: Moment): void {
  if (moment === "calm" || moment === next) return;
  moment = next;
  if (next === "shown") setTimeout(() => whenIdle(() => reach("calm")), CALM_AFTER);
  for (const listener of [...listeners]) listener();
}

/** Who points at something or presses a shortcut wants more than to read and to write. */
function watchIntent(): void {
  const wants = (event: Event) => {
    if (event instanceof KeyboardEvent && !event.ctrlKey && !event.metaKey && event.key !== "Tab") return;
    for (const name of SIGNS) window.removeEventListener(name, wants, true);
    reach("calm");
  };
  for (const name of SIGNS) window.addEventListener(name, wants, { capture: true, passive: true });
}

const SIGNS = ["pointermove", "pointerdown", "keydown"] as const;

/** Says that what the person came for is on the screen: from the next free moment on, the rest may come. */
export function useFirstView(isThere: boolean): void {
  useEffect(() => {
    if (!isThere || isAwaited) return;
    isAwaited = true;
    // First the frame that shows it, and what the person does with it at once.
    requestAnimationFrame(() => setTimeout(() => whenIdle(() => reach("shown")), BREATH));
    setTimeout(() => reach("shown"), SHOWN_WITHIN);
    watchIntent();
  }, [isThere]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const timer = setTimeout(() => reach("shown"), SHOWN_WITHIN);
  return () => {
    listeners.delete(listener);
    clearTimeout(timer);
  };
}

/** Whether the first view is there, live. */
export function useIsShown(): boolean {
  return useSyncExternalStore(subscribe, () => moment !== "opening");
}

/** Whether the person has had the first view for a moment, or wants more, live: what it does not need waits for that. */
export function useIsCalm(): boolean {
  return useSyncExternalStore(subscribe, () => moment === "calm");
}
