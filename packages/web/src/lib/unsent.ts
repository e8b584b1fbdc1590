import {
  type Courier,
  createCourier,
  createIndexedDbOutbox,
  type OutboxStore,
  outboxKey,
  ParlorError,
  type PendingMessage,
  readOutboxKey,
  type Unsent,
} from "@parlor/client";
import { useSyncExternalStore } from "react";
import { api, reportIdentityError } from "./api.js";

/** A message that was not sent, with its room. */
export interface LeftMessage {
  readonly roomId: string;
  readonly message: PendingMessage;
}

const NOTHING: ReadonlyMap<string, Unsent> = new Map();
const listeners = new Set<() => void>();
let store: OutboxStore | undefined;
let courier: Courier | null = null;

/** This browser's unsent messages, of all rooms and users. */
export function outbox(): OutboxStore {
  store ??= createIndexedDbOutbox();
  return store;
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Sends what a user wrote in rooms that are not open; answers how to stop. */
export function startCourier(userId: string): () => void {
  const own = createCourier({
    api,
    userId,
    outbox: outbox(),
    onRefused: (code) => reportIdentityError(new ParlorError(code)),
  });
  courier = own;
  own.subscribe(tell);
  return () => {
    own.close();
    if (courier === own) courier = null;
    tell();
  };
}

/** A room that was shut was opened, so what waits for it can go. */
export function wakeCourier(): void {
  courier?.wake();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What this browser's user has not sent yet, by room. */
export function useUnsent(): ReadonlyMap<string, Unsent> {
  return useSyncExternalStore(subscribe, () => courier?.unsent ?? NOTHING);
}

/** All that a user has not sent, room by room; empty where the browser keeps nothing. */
export async function readUnsent(userId: string): Promise<LeftMessage[]> {
  const found: LeftMessage[] = [];
  try {
    for (const key of await outbox().keys()) {
      const named = readOutboxKey(key);
      if (named?.userId !== userId || named.url !== api.url) continue;
      for (const message of await outbox().list(key)) found.push({ roomId: named.roomId, message });
    }
  } catch {
    // A browser that keeps nothing has nothing left.
  }
  return found;
}

/** Forgets one message that was not sent. */
export async function dropUnsentMessage(userId: string, { roomId, message }: LeftMessage): Promise<void> {
  await outbox().delete(outboxKey(api.url, roomId, userId), message.client_id);
}

/** Forgets all that a user has not sent: the person said so. */
export async function dropUnsent(userId: string): Promise<void> {
  for (const key of await outbox().keys()) {
    if (readOutboxKey(key)?.userId !== userId) continue;
    for (const { client_id } of await outbox().list(key)) await outbox().delete(key, client_id);
  }
}
