import type { OutboxStore } from "./outbox.js";

/** The browser's outbox: survives a reload, shared by all tabs, of which one at a time sends. */
export function createIndexedDbOutbox(_options: { readonly name?: string } = {}): OutboxStore {
  throw new Error("not built yet");
}
