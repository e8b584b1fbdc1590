import type { CallInfo, ErrorCode, Message, Profile } from "@parlor/protocol";

/** How a room's client reaches the server at the moment. */
export type ConnectionStatus =
  /** The first connection is being made. */
  | "connecting"
  /** The WebSocket is open and its replay is complete: what is shown is contiguous. */
  | "live"
  /** The connection was lost; it comes back by itself. */
  | "reconnecting"
  /** No WebSocket can be had; messages flow over long-polling. */
  | "polling"
  /** The device says that it has no network. */
  | "offline"
  /** Closed by the application, or for good (see `RoomState.failure`). */
  | "closed";

/** A message of this client that the server has not acknowledged yet. */
export interface PendingMessage {
  readonly client_id: string;
  readonly content: string;
  /** The message that it answers, and whom it mentions. */
  readonly reply_to?: string;
  readonly mentions?: readonly string[];
  readonly mentions_room?: true;
  /** Ids of its files. */
  readonly attachments?: readonly string[];
  /** When the person sent it, milliseconds since 1970. */
  readonly created_at: number;
  readonly status: "pending" | "failed";
  /** Why it failed for good; such a message waits for the person and does not block the others. */
  readonly failure?: { readonly code: ErrorCode; readonly detail: string };
}

/** A broadcast that is live in the room. */
export interface Broadcast {
  readonly user_id: string;
  readonly username: string;
  readonly started_at: string;
}

/** Everything that a room's screen shows. A new object on every change; unchanged parts keep their identity. */
export interface RoomState {
  readonly roomId: string;
  readonly status: ConnectionStatus;
  /** Why the room is closed for good: unknown room, password needed, not your identity … */
  readonly failure: { readonly code: ErrorCode; readonly detail: string } | null;
  /** When the next attempt to connect is made, milliseconds since 1970, while reconnecting. */
  readonly nextAttemptAt: number | null;
  /** The loaded, contiguous part of the history, by `seq`; deleted ones are tombstones. */
  readonly messages: readonly Message[];
  /** Whether older messages exist above the first loaded one. */
  readonly hasOlder: boolean;
  /** Whether newer messages exist below the last loaded one: it was jumped to, and what arrives is not shown. */
  readonly hasNewer: boolean;
  /** The largest `seq` that is known of, loaded or not; 0 before anything is. */
  readonly newestSeq: number;
  /** Whether the first page has been loaded. */
  readonly loaded: boolean;
  /** Whether this is what an earlier visit left: the server has not said yet what came since. */
  readonly restored: boolean;
  /** Own messages on their way, in the order of sending. */
  readonly pending: readonly PendingMessage[];
  /** Whether `pending` is kept where it outlives this program; `false` while the store refuses, or lives in memory. */
  readonly pendingKept: boolean;
  /** Ids of the users who are connected. */
  readonly online: readonly string[];
  /** Ids of the others who are typing. */
  readonly typing: readonly string[];
  /** The room's call, as everybody in the room sees it. */
  readonly call: CallInfo | null;
  /** Who broadcasts in the way of the first front ends. */
  readonly broadcasts: readonly Broadcast[];
  /** How far others have read, by their ids; empty unless it was asked for (`RoomOptions.receipts`). */
  readonly receipts: ReadonlyMap<string, number>;
  /** Newest profile of every user seen, by id; lines are drawn from it, old ones too. */
  readonly profiles: ReadonlyMap<string, Profile>;
}
