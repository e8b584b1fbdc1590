import type { DirectRoom, Profile } from "@parlor/protocol";
import { useEffect, useSyncExternalStore } from "react";
import { call } from "../../lib/api.js";
import { onNewPerson, useMe } from "../session/public.js";
import { useListedOther } from "./inbox-store.js";

/** Conversations that are kept beside the inbox, which lists those alone in which something was said. */
const KEPT = 50;

const listeners = new Set<() => void>();
const opened = new Map<string, DirectRoom>();
onNewPerson(() => opened.clear());

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Opens the conversation with somebody; answers its id as a room. */
export async function openDirect(userId: string, otherId: string): Promise<string> {
  const room = await call("openDirect", { params: { user_id: userId }, body: { with: otherId } });
  opened.set(room.id, room);
  const oldest = opened.keys().next();
  if (opened.size > KEPT && !oldest.done) opened.delete(oldest.value);
  for (const listener of listeners) listener();
  return room.id;
}

/** A conversation that was opened here, also when nothing has been said in it. */
export function useDirect(roomId: string): DirectRoom | null {
  return useSyncExternalStore(subscribe, () => opened.get(roomId) ?? null);
}

/** The other one of the two in a conversation's id; `null` for a room. */
function otherOf(roomId: string, userId: string): string | null {
  if (!roomId.startsWith("dm:")) return null;
  const both = roomId.slice("dm:".length);
  if (both.startsWith(`${userId}:`)) return both.slice(userId.length + 1);
  return both.endsWith(`:${userId}`) ? both.slice(0, -userId.length - 1) : null;
}

/** The other person of a conversation; `null` in a room. */
export function useOther(roomId: string): Profile | null {
  const { id: userId } = useMe();
  const other = useListedOther(roomId);
  const direct = useDirect(roomId);
  const otherId = otherOf(roomId, userId);
  const isUnknown = other === null && direct === null && otherId !== null;
  useEffect(() => {
    // The address of a conversation in which nothing was said yet. The room's own connection says what is wrong.
    if (isUnknown && otherId) openDirect(userId, otherId).catch(() => {});
  }, [isUnknown, userId, otherId]);
  return other ?? direct?.other ?? null;
}
