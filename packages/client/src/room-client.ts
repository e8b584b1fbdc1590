import type { Message } from "@parlor/protocol";
import type { Api } from "./api.js";
import type { Clock } from "./clock.js";
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
  /** Tells of the network; the browser's own otherwise. */
  readonly online?: OnlineSource | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

/** A room as an application uses it: one state, a few verbs; connection, order and repair are its own matter. */
export interface RoomClient {
  /** Everything to show. A new object on every change, so it fits React's `useSyncExternalStore`. */
  readonly state: RoomState;
  /** Calls back after changes, gathered; answers how to stop. */
  subscribe(listener: () => void): () => void;
  /**
   * Queues a message and shows it as pending; answers its `client_id`. Throws a `ParlorError` for a text that is
   * blank or too long.
   */
  send(content: string): string;
  /** Sends a failed message once more, in its old place. */
  retry(clientId: string): void;
  /** Takes an unsent message out of the queue and answers its text; one that is under way may still arrive. */
  discard(clientId: string): string | null;
  /** Loads the page above the oldest loaded message. */
  loadOlder(): Promise<void>;
  /** Tells the others that this user is typing; ends by itself when it is not called again. */
  setTyping(isTyping: boolean): void;
  /** Changes the text of an own message. */
  edit(messageId: string, content: string): Promise<Message>;
  /** Deletes a message. */
  remove(messageId: string): Promise<Message>;
  /** Adds this user's reaction. */
  react(messageId: string, emoji: string): Promise<Message>;
  /** Takes this user's reaction back. */
  unreact(messageId: string, emoji: string): Promise<Message>;
  /** Connects now, without waiting for the next attempt; also after a failure was mended (a login, a password). */
  reconnectNow(): void;
  /** Ends the connection. What is unsent stays in the outbox's store. */
  close(): void;
}
