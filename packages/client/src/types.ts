import type { ErrorCode, Message, Profile } from "@parlor/protocol";

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
  /** When the person sent it, milliseconds since 1970. */
  readonly created_at: number;
  readonly status: "pending" | "failed";
  /** Why it failed for good; such a message waits for the person and does not block the others. */
  readonly failure?: { readonly code: ErrorCode; readonly detail: string };
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
  /** Whether the newest page has been loaded. */
  readonly loaded: boolean;
  /** Own messages on their way, in the order of sending. */
  readonly pending: readonly PendingMessage[];
  /** Ids of the users who are connected. */
  readonly online: readonly string[];
  /** Ids of the others who are typing. */
  readonly typing: readonly string[];
  /** Newest profile of every user seen, by id; lines are drawn from it, old ones too. */
  readonly profiles: ReadonlyMap<string, Profile>;
}
