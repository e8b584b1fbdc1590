import { useSyncExternalStore } from "react";
import { KEYS, loadJson, save } from "../../lib/storage.js";

/** How this browser takes part in calls; kept from one call to the next. */
export interface CallPreferences {
  readonly microphone: string | null;
  readonly camera: string | null;
  readonly speaker: string | null;
  readonly isMuted: boolean;
  readonly isCameraOff: boolean;
  readonly noiseSuppression: boolean;
  readonly echoCancellation: boolean;
  readonly pushToTalk: boolean;
}

const DEFAULTS: CallPreferences = {
  microphone: null,
  camera: null,
  speaker: null,
  isMuted: false,
  isCameraOff: false,
  noiseSuppression: true,
  echoCancellation: true,
  pushToTalk: false,
};

const listeners = new Set<() => void>();
let preferences: CallPreferences | null = null;

/** Takes of a stored value what has the right type. */
function parse(value: unknown): CallPreferences | null {
  if (typeof value !== "object" || value === null) return null;
  const known = value as Record<string, unknown>;
  const isFit = (key: keyof CallPreferences) =>
    DEFAULTS[key] === null ? typeof known[key] === "string" : typeof known[key] === "boolean";
  const keys = (Object.keys(DEFAULTS) as (keyof CallPreferences)[]).filter(isFit);
  return { ...DEFAULTS, ...Object.fromEntries(keys.map((key) => [key, known[key]])) };
}

/** What was chosen last. */
export function callPreferences(): CallPreferences {
  preferences ??= loadJson(KEYS.call, parse) ?? DEFAULTS;
  return preferences;
}

/** Chooses. */
export function preferForCalls(next: Partial<CallPreferences>): void {
  preferences = { ...callPreferences(), ...next };
  save(KEYS.call, JSON.stringify(preferences));
  for (const listener of listeners) listener();
}

/** The same, live. */
export function useCallPreferences(): CallPreferences {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, callPreferences);
}
