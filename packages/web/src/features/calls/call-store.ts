import type { CallClient, RoomClient } from "@parlor/client";
import { useSyncExternalStore } from "react";

/** The call that this tab is in. */
export interface CurrentCall {
  readonly roomId: string;
  readonly room: RoomClient;
  readonly client: CallClient;
}

interface Calls {
  readonly current: CurrentCall | null;
  /** The room whose call is about to be joined. */
  readonly asked: string | null;
  /** Whether the chat is shown beside the call; `null`: where there is room. */
  readonly chat: boolean | null;
}

const listeners = new Set<() => void>();
let calls: Calls = { current: null, asked: null, chat: null };

/** Changes what is known of this tab's call. */
export function setCalls(next: Partial<Calls>): void {
  calls = { ...calls, ...next };
  for (const listener of listeners) listener();
}

/** Ends this tab's part in any call: its user is about to be another one, or nobody. */
export function leaveCalls(): void {
  calls.current?.client.leave();
  setCalls({ current: null, asked: null, chat: null });
}

/** What is known of this tab's call. */
export function readCalls(): Calls {
  return calls;
}

/** The same, live. */
export function useCalls(): Calls {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, readCalls);
}
