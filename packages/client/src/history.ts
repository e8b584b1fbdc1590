import type { Message, Profile, RoomSummary } from "@parlor/protocol";

/** What is kept of one room and of one user's list at most; older and beyond is left to the server. */
export const HISTORY_LIMIT = {
  /** Newest messages of a room. */
  messages: 100,
  /** UTF-16 units of their texts; at least the newest message is kept. */
  units: 200_000,
  /** Profiles of a room. */
  profiles: 300,
  /** Rooms with their messages: those that were open last. */
  rooms: 30,
  /** Rooms of the list, the newest first. */
  list: 200,
} as const;

/** The newest part of a room as a client had it: enough to show it without a network, and to go on from there. */
export interface RoomSnapshot {
  /** By `seq`, contiguous. */
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  /** The number of the last change that is in `messages`, and the history that it counts in. */
  readonly cursor: number;
  readonly epoch: string | null;
  readonly profiles: readonly Profile[];
  /** The revision up to which `profiles` are known; `null` before any was told. */
  readonly profilesAfter: number | null;
}

/**
 * Where a client keeps what it has shown, to show it at once on the next visit and without a network. It belongs to one
 * owner (see {@link historyOwner}) at a time: whoever is not the owner reads nothing and writes nothing, so that a tab
 * that has not heard of a logout brings nothing back. All of it may be lost at any time.
 */
export interface HistoryStore {
  room(owner: string, roomId: string): Promise<RoomSnapshot | null>;
  /**
   * Whether it may have something of a room, as far as a store can tell at once: without hope the server is asked
   * before the store has answered.
   */
  mayHave?(roomId: string): boolean;
  keepRoom(owner: string, roomId: string, snapshot: RoomSnapshot): Promise<void>;
  dropRoom(owner: string, roomId: string): Promise<void>;
  rooms(owner: string): Promise<readonly RoomSummary[] | null>;
  keepRooms(owner: string, rooms: readonly RoomSummary[]): Promise<void>;
}

/** Names whose history it is: a user of a server. */
export function historyOwner(url: string, userId: string): string {
  return `${url}|${userId}`;
}
