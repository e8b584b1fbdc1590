import type { Message, ServerFrameOf } from "@parlor/protocol";
import type { RoomState } from "./types.js";

/** Loaded messages at most; beyond them those go that are farthest from where the person reads. */
export const WINDOW_LIMIT = 2_000;

/** A deletion as its frame tells it. */
export type Deletion = Pick<ServerFrameOf<"message_deleted">, "id" | "seq" | "updated_seq">;

/** The state that a screen draws, and what the client must know beside it to keep it true. */
export interface RoomModel extends RoomState {
  readonly userId: string;
  /** The number of the last change that was applied in order: where a resume goes on. */
  readonly cursor: number;
  /** The life of the history that `cursor` counts in. */
  readonly epoch: string | null;
  /** When each "is typing" ends without news, milliseconds since 1970. */
  readonly typingUntil: ReadonlyMap<string, number>;
  /**
   * Newest change, by `seq`, of messages that are not loaded: a page that was read before the change and arrives
   * after it must not bring the old state back.
   */
  readonly strays: ReadonlyMap<number, Message | Deletion>;
  /**
   * Whether a page is under way. Only so long is noted what happens below the window (at most as long as a request
   * may take): a page that was read before it and arrives after it needs it.
   */
  readonly paging: boolean;
  /** Where the person moves; the full window drops messages at the other end. */
  readonly heading: "up" | "down";
  /** Loaded messages at most. */
  readonly windowLimit: number;
}

/** A room before anything was loaded. */
export function emptyModel(roomId: string, userId: string, windowLimit = WINDOW_LIMIT): RoomModel {
  return {
    roomId,
    userId,
    status: "connecting",
    failure: null,
    nextAttemptAt: null,
    messages: [],
    hasOlder: false,
    hasNewer: false,
    newestSeq: 0,
    loaded: false,
    restored: false,
    pending: [],
    pendingKept: false,
    online: [],
    typing: [],
    receipts: new Map(),
    call: null,
    broadcasts: [],
    profiles: new Map(),
    cursor: 0,
    epoch: null,
    typingUntil: new Map(),
    strays: new Map(),
    paging: false,
    heading: "down",
    windowLimit,
  };
}

/** Whether an answer counts in another life of the history. A room that was unknown a moment ago had none. */
export function isOtherEpoch(model: RoomModel, epoch: string | null): boolean {
  return epoch !== null && model.epoch !== null && epoch !== model.epoch;
}

/** Below it messages are not loaded. */
export function floorOf(model: RoomModel): number {
  return model.hasOlder ? (model.messages[0]?.seq ?? 0) : 0;
}

/** Above it messages are not loaded. */
export function ceilingOf(model: RoomModel): number {
  return model.hasNewer ? (model.messages.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
}

/** The window without what is too much, at the end that the person moves away from. */
export function trimmed(model: RoomModel): RoomModel {
  const { messages, heading, windowLimit } = model;
  if (messages.length <= windowLimit) return model;
  // Some more at a time: a list that loses a line above with each new one below has no rest.
  const kept = Math.ceil(windowLimit * 0.95);
  if (heading === "up") return { ...model, messages: messages.slice(0, kept), hasNewer: true };
  return { ...model, messages: messages.slice(-kept), hasOlder: true };
}
