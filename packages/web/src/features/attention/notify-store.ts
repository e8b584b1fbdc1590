import { useSyncExternalStore } from "react";
import { KEYS, load, save } from "../../lib/storage.js";

/** What this device does with news while nobody looks. */
export type NotifyState =
  /** The browser has no notifications, or none for an address without TLS. */
  | "unsupported"
  /** Nobody was asked yet. */
  | "unasked"
  /** The person said not now. */
  | "declined"
  | "on"
  /** Allowed by the browser, switched off by the person. */
  | "off"
  /** Forbidden by the browser. */
  | "denied";

const listeners = new Set<() => void>();
let hasWritten = false;

function tell(): void {
  for (const listener of listeners) listener();
}

/** What this device does with news at the moment. */
export function notifyState(): NotifyState {
  if (typeof Notification === "undefined" || !navigator.locks) return "unsupported";
  if (Notification.permission === "denied") return "denied";
  const stored = load(KEYS.notify);
  if (Notification.permission === "granted") return stored === "off" ? "off" : "on";
  return stored === "declined" ? "declined" : "unasked";
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEYS.notify) listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", onStorage);
  };
}

/** The same, live. */
export function useNotifyState(): NotifyState {
  return useSyncExternalStore(subscribe, notifyState);
}

/** The person has written something: who talks wants to hear the answer. */
export function noteWritten(): void {
  if (hasWritten) return;
  hasWritten = true;
  tell();
}

/** Whether the person has written something since this page was opened. */
export function useHasWritten(): boolean {
  return useSyncExternalStore(subscribe, () => hasWritten);
}

/** Asks the browser for its permission; call it in a person's act alone. */
export async function allowNotifications(): Promise<void> {
  save(KEYS.notify, null);
  await Notification.requestPermission();
  tell();
}

/** Switches notifications on this device, where the browser allows them. */
export function setNotifications(on: boolean): void {
  save(KEYS.notify, on ? null : "off");
  tell();
}

/** The person does not want to be asked again. */
export function declineNotifications(): void {
  save(KEYS.notify, "declined");
  tell();
}
