import { useSyncExternalStore } from "react";

/** What a person is asked of a room: whether they mean to leave it, how it is to be, or whether somebody has to go. */
export type Asked =
  | { readonly about: "leave" | "settings"; readonly roomId: string }
  | {
      readonly about: "remove";
      readonly roomId: string;
      readonly userId: string;
      /** The name of that person. */
      readonly name: string;
    };

const listeners = new Set<() => void>();
let asked: Asked | null = null;

/** Asks a person something in a dialog; `null` takes the question back. */
export function ask(question: Asked | null): void {
  asked = question;
  for (const listener of listeners) listener();
}

/** What a person is asked. */
export function useAsked(): Asked | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}
