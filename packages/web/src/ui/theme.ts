import { useSyncExternalStore } from "react";
import { KEYS, load, save } from "../lib/storage.js";

/** What a person can choose. */
export type Theme = "system" | "light" | "dark";

const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

function read(): Theme {
  const stored = load(KEYS.theme);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function apply(): void {
  const theme = read();
  const dark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#171512" : "#f7f5f1");
  for (const listener of listeners) listener();
}

/** Keeps the theme right while the page lives: the system's changes, and choices made in other tabs. */
export function watchTheme(): void {
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key === KEYS.theme) apply();
  });
}

/** Chooses a theme. */
export function setTheme(theme: Theme): void {
  save(KEYS.theme, theme === "system" ? null : theme);
  apply();
}

/** The chosen theme. */
export function useTheme(): Theme {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, read);
}
