import type { ClientFrame, Message, ServerFrame } from "@parlor/protocol";
import type { Api } from "./api.js";
import type { Clock } from "./clock.js";
import type { HistoryStore } from "./history.js";
import type { LeavingSource } from "./leaving.js";
import type { OnlineSource } from "./online.js";
import type { OutboxStore } from "./outbox.js";
import type { WebSocketConstructor } from "./socket.js";
import type { RoomState } from "./types.js";

/** What a room's client needs. */
export interface RoomOptions {
  /** Address of the server; in a browser, `""` is the page's own. */
  readonly url: string;
  readonly roomId: string;
  readonly userId: string;
  /** The REST client to share; made from `url` and `token` otherwise. */
  readonly api?: Api | undefined;
  /** The session's token, for clients without the cookie. */
  readonly token?: (() => string | null) | undefined;
  /** Names a user who has no name yet. */
  readonly username?: string | undefined;
  readonly avatarUrl?: string | undefined;
  /** The WebSocket implementation; `null` for none. The global one otherwise. */
  readonly WebSocket?: WebSocketConstructor | null | undefined;
  /** Where unsent messages are kept; in memory otherwise. */
  readonly outbox?: OutboxStore | undefined;
  /** Where the newest messages are kept for the next visit, to be there without a network; nowhere otherwise. */
  readonly history?: HistoryStore | undefined;
  /** Whether to tell how far others have read (`RoomState.receipts`); not otherwise. */
  readonly receipts?: boolean | undefined;
  /** Tells of the network; the browser's own otherwise. */
  readonly online?: OnlineSource | undefined;
  /** Tells that the page goes away; the browser's own otherwise. */
  readonly leaving?: LeavingSource | undefined;
  /**
   * With more missed changes than this (1,000 otherwise) the room opens at its newest page, as a person wants it: the
   * loaded messages are that page, contiguous, and older ones come with `loadOlder()`. What is unsent stays. A bot or a
   * bridge that must see every message gives `Number.POSITIVE_INFINITY`.
   */
  readonly replayLimit?: number | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

/** What a message may bring beside its text. */
export interface SendOptions {
  /** The id of the message that it answers. */
  readonly replyTo?: string | undefined;
  /** Ids of the people whom it mentions, at most 50. */
  readonly mentions?: readonly string[] | undefined;
  /** Mentions everybody; the server takes it from the room's host alone. */
  readonly mentionsRoom?: boolean | undefined;
  /** Ids of files that {@link Api.upload} brought into this room, at most 10; with them the text may be blank. */
  readonly attachments?: readonly string[] | undefined;
}

/** The room's socket, for what is no part of its history: calls and broadcasts. */
export interface RoomWire {
  readonly api: Api;
  readonly userId: string;
  readonly clock: Clock;
  readonly online: OnlineSource;
  /** Sends a frame over a live socket; `false` when there is none. */
  send(frame: ClientFrame): boolean;
  /** Calls back with each frame that is no part of the history, and with each `synced`: a socket is live now. */
  listen(listener: (frame: ServerFrame) => void): () => void;
}

/** A room as an application uses it: one state, a few verbs; connection, order and repair are its own matter. */
export interface RoomClient {
  /** Everything to show. A new object on every change, so it fits React's `useSyncExternalStore`. */
  readonly state: RoomState;
  /** Calls back after changes, gathered; answers how to stop. */
  subscribe(listener: () => void): () => void;
  /** For {@link openCall} and {@link openBroadcasts}. */
  readonly wire: RoomWire;
  /**
   * Queues a message and shows it as pending; answers its `client_id`. Throws a `ParlorError` for a text that is
   * blank or too long.
   */
  send(content: string, options?: SendOptions): string;
  /** Sends a failed message once more, in its old place. */
  retry(clientId: string): void;
  /** Takes an unsent message out of the queue and answers its text; one that is under way may still arrive. */
  discard(clientId: string): string | null;
  /** Loads the page above the oldest loaded message. */
  loadOlder(): Promise<void>;
  /** Loads the page below the newest loaded message, until it meets the live end (`hasNewer` is false then). */
  loadNewer(): Promise<void>;
  /**
   * Shows the part of the history around a number, unless that message is loaded already. Answers the `seq` of the
   * message that is there: the first one from the number on, or the last one before it; `null` in an empty room.
   */
  jumpTo(seq: number): Promise<number | null>;
  /** The same for a moment: the first message that is not older. */
  jumpToDate(moment: Date): Promise<number | null>;
  /** Shows the newest messages again. */
  jumpToLatest(): Promise<void>;
  /** Tells the others that this user is typing; ends by itself when it is not called again. */
  setTyping(isTyping: boolean): void;
  /** Changes the text of an own message, and its mentions where they are given. */
  edit(messageId: string, content: string, options?: Pick<SendOptions, "mentions">): Promise<Message>;
  /** Deletes a message. */
  remove(messageId: string): Promise<Message>;
  /** Adds this user's reaction. */
  react(messageId: string, emoji: string): Promise<Message>;
  /** Takes this user's reaction back. */
  unreact(messageId: string, emoji: string): Promise<Message>;
  /** Pins a message; the room's host may, where there is none every member. */
  pin(messageId: string): Promise<Message>;
  /** Takes a pin away. */
  unpin(messageId: string): Promise<Message>;
  /** Connects now, without waiting for the next attempt; also after a failure was mended (a login, a password). */
  reconnectNow(): void;
  /** Ends the connection. What is unsent stays in the outbox's store. */
  close(): void;
}
