import { useLayoutEffect, useSyncExternalStore } from "react";

/** How much of a room's page a call or a broadcast takes: the room beside its messages, or all of it for now. */
export type Stage = "split" | "full";

const listeners = new Set<() => void>();
let shown: Stage | null = null;

function show(stage: Stage | null): void {
  shown = stage;
  for (const listener of listeners) listener();
}

/** The stage of now, for those who cannot use a hook. */
export function shownStage(): Stage | null {
  return shown;
}

/** Calls back when a stage comes, changes or goes; answers how to stop. */
export function subscribeStage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The stage of now. The page draws what it leaves by this: a selector that looks for it (`:has()`) has the style of every
 * message worked out again with each one that arrives.
 */
export function useStage(): Stage | null {
  return useSyncExternalStore(subscribeStage, shownStage);
}

/** Takes the stage for as long as the component is there, before it is first seen. */
export function useTakeStage(stage: Stage): void {
  useLayoutEffect(() => {
    show(stage);
    return () => show(null);
  }, [stage]);
}
