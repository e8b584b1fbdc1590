import {
  errorEntry,
  FATAL_CLOSE_CODES,
  LIMITS,
  type Message,
  ParlorError,
  type ServerFrame,
  type ServerFrameOf,
} from "@parlor/protocol";
import { createApi, type MessagePage } from "./api.js";
import { systemClock } from "./clock.js";
import { asParlorError, refusal } from "./errors.js";
import { createInbox } from "./inbox.js";
import { Link } from "./link.js";
import { createListeners } from "./listeners.js";
import { browserOnline } from "./online.js";
import { createMemoryOutbox } from "./outbox.js";
import { CHANGES_LIMIT, createPoller, withTimeout } from "./polling.js";
import { fetchProfiles, mergeProfiles } from "./profiles.js";
import type { RoomClient, RoomOptions } from "./room-client.js";
import { createSender } from "./sender.js";
import { globalWebSocket, openSocket, type SocketTarget } from "./socket.js";
import {
  applyChanges,
  applyFrame,
  applyFreshPage,
  applyMessages,
  applyOlderPage,
  emptyModel,
  expireTyping,
  forgetOldStrays,
  isOtherEpoch,
  type RoomModel,
} from "./state.js";
import type { PendingMessage } from "./types.js";
import { createExpiry, createTyping } from "./typing.js";

/** Rows of the first page, and of each older one. */
const PAGE_LIMIT = 50;
/** A resume over more changes than a person would read opens the newest page instead. */
const REPLAY_LIMIT = 1_000;
const REQUEST_TIMEOUT = 15_000;

/** Opens a room. The first page, the connection and the outbox start at once. */
export function openRoom(options: RoomOptions): RoomClient {
  const { roomId, userId, clock = systemClock, random = Math.random } = options;
  const api = options.api ?? createApi({ url: options.url, token: options.token });
  const WebSocket = options.WebSocket === undefined ? globalWebSocket() : options.WebSocket;
  const params = { room_id: roomId };
  const closing = new AbortController();
  const listeners = createListeners();
  let model = emptyModel(roomId, userId);
  /** What is shown can not be continued: the next try opens the newest page. */
  let isStale = true;
  let profilesAfter: number | null = null;
  let older: Promise<void> | null = null;

  function commit(next: RoomModel): void {
    if (next === model) return;
    model = next;
    listeners.notify();
  }

  /** Messages of this user that the server has: the acknowledgement of the outbox. */
  function acknowledge(messages: readonly Message[]): void {
    for (const { user_id, client_id } of messages) {
      if (user_id === userId && client_id) sender.acknowledge(client_id);
    }
  }

  function take(messages: readonly Message[]): void {
    commit(applyMessages(model, messages));
    acknowledge(messages);
  }

  function takePage(page: MessagePage): void {
    if (isOtherEpoch(model, page.epoch)) {
      openAnew();
      return;
    }
    commit(applyChanges(model, page));
    acknowledge(page.messages);
  }

  function openAnew(): void {
    isStale = true;
    link.restart();
  }

  function request<T>(run: (signal: AbortSignal) => Promise<T>, signal = closing.signal): Promise<T> {
    return withTimeout(clock, REQUEST_TIMEOUT, signal, run);
  }

  async function openNewest(signal: AbortSignal): Promise<void> {
    if (!isStale) return;
    const page = await request((own) => api.fetchMessages(roomId, { limit: PAGE_LIMIT }, own), signal);
    if (signal.aborted) return;
    isStale = false;
    commit(applyFreshPage(model, { ...page, limit: PAGE_LIMIT }));
    acknowledge(page.messages);
  }

  function welcome(frame: ServerFrameOf<"welcome">): void {
    if (frame.reset || frame.head_seq - model.cursor > REPLAY_LIMIT) {
      openAnew();
      return;
    }
    const after = profilesAfter;
    apply(frame);
    const { profiles: known } = model;
    const limit = PAGE_LIMIT;
    request((signal) => fetchProfiles({ api, welcome: frame, after, known, limit, signal })).then(
      (profiles) => {
        profilesAfter = frame.profiles_rev;
        commit({ ...model, profiles: mergeProfiles(model.profiles, profiles) });
      },
      // The cursor of the profiles stays, so that the next connection asks for them again.
      () => {},
    );
  }

  function apply(frame: ServerFrame): void {
    commit(applyFrame(model, frame, clock.now()));
    if (frame.type === "message") acknowledge([frame]);
    expiry.watch();
  }

  function receive(frame: ServerFrame): void {
    if (frame.type === "welcome") welcome(frame);
    else if (frame.type === "error") {
      if (frame.client_id !== undefined) sender.refuse(frame.client_id, refusal(frame));
    } else inbox.receive(frame);
  }

  async function transmit(message: PendingMessage, signal: AbortSignal): Promise<void> {
    const { client_id, content } = message;
    if (link.send({ type: "message", content, client_id })) return;
    const { username, avatarUrl: avatar_url } = options;
    const body = { user_id: userId, username, avatar_url, content, client_id };
    try {
      take([await request((own) => api.call("postMessage", { params, body, signal: own }), signal)]);
      sender.acknowledge(client_id);
    } catch (cause) {
      const error = asParlorError(cause);
      // Not the message is refused but its author: it waits until the person has mended that.
      if (FATAL_CLOSE_CODES.has(errorEntry(error.code).close ?? 0)) link.close(error);
      throw error;
    }
  }

  function showLink(): void {
    const { status, nextAttemptAt } = link;
    const failure = link.failure && { code: link.failure.code, detail: link.failure.message };
    const isLive = status === "live";
    sender.setReady(isLive || status === "polling");
    const isSame = status === model.status && failure?.detail === model.failure?.detail;
    if (isSame && nextAttemptAt === model.nextAttemptAt) return;
    commit({
      ...model,
      status,
      nextAttemptAt,
      failure,
      // Who is here and who types is known from a socket alone.
      online: status === "polling" || status === "closed" ? [] : model.online,
      ...(isLive ? {} : { typing: [], typingUntil: new Map() }),
    });
  }

  const position = () => ({ cursor: model.cursor, epoch: model.epoch });
  const sender = createSender({
    store: options.outbox ?? createMemoryOutbox(),
    key: `${api.url}|${roomId}|${userId}`,
    clock,
    random,
    transmit,
    onChange: () => commit({ ...model, pending: sender.list }),
  });
  const poller = createPoller({
    api,
    roomId,
    clock,
    random,
    position,
    prepare: openNewest,
    onPage(page) {
      if (page.messages.length < CHANGES_LIMIT && !isOtherEpoch(model, page.epoch)) takePage(page);
      else isStale = true;
    },
    onReset() {
      isStale = true;
    },
    onChange: () => link.pollerChanged(),
    onRefused: (error) => link.close(error),
  });
  const link = new Link({
    clock,
    random,
    online: options.online ?? browserOnline(),
    prepare(signal) {
      inbox.reset();
      return openNewest(signal);
    },
    open: WebSocket && ((on) => openSocket({ ...on, WebSocket, clock, token: token(), target: target() })),
    poller,
    onFrame: receive,
    onChange: showLink,
  });
  const inbox = createInbox({
    api,
    roomId,
    clock,
    position,
    isLive: () => link.isLive,
    apply,
    applyPage: takePage,
    onLost: () => link.restart(),
  });
  const typing = createTyping(clock, (type) => link.send({ type }));
  const expiry = createExpiry(
    clock,
    () => model.typingUntil.values(),
    (now) => commit(expireTyping(model, now)),
  );
  const token = options.token ?? api.token;

  function target(): SocketTarget {
    const { url } = api;
    const { username, avatarUrl } = options;
    const { cursor: after, epoch } = model;
    return { url, roomId, userId, after, epoch, profilesAfter, username, avatarUrl };
  }

  /** Runs a change of a message and shows its answer at once, before its frame. */
  async function change(run: Promise<Message>): Promise<Message> {
    const message = await run;
    take([message]);
    return message;
  }

  async function readOlder(): Promise<void> {
    const before = model.messages[0]?.seq;
    if (!model.hasOlder || before === undefined) return;
    commit(forgetOldStrays(model));
    const query = { before, limit: PAGE_LIMIT };
    const page = await request((signal) => api.fetchMessages(roomId, query, signal));
    commit(applyOlderPage(model, { ...page, ...query }));
    acknowledge(page.messages);
  }

  link.start();

  return {
    get state() {
      return model;
    },
    subscribe: listeners.subscribe,
    send(content) {
      if (content.trim() === "") throw new ParlorError("blank_content");
      if (content.length > LIMITS.contentLength) throw new ParlorError("content_too_long");
      const client_id = newClientId();
      typing.forget();
      sender.add({ client_id, content, created_at: clock.now(), status: "pending" });
      return client_id;
    },
    retry: (clientId) => sender.retry(clientId),
    discard: (clientId) => sender.discard(clientId)?.content ?? null,
    loadOlder() {
      older ??= readOlder().finally(() => {
        older = null;
      });
      return older;
    },
    setTyping: (isTyping) => typing.set(isTyping),
    edit: (message_id, content) =>
      change(
        api.call("editMessage", { params: { ...params, message_id }, body: { content, user_id: userId } }),
      ),
    remove: (message_id) =>
      change(api.call("deleteMessage", { params: { ...params, message_id }, query: { user_id: userId } })),
    react: (message_id, emoji) =>
      change(
        api.call("addReaction", { params: { ...params, message_id, emoji }, body: { user_id: userId } }),
      ),
    unreact: (message_id, emoji) =>
      change(
        api.call("removeReaction", { params: { ...params, message_id, emoji }, query: { user_id: userId } }),
      ),
    reconnectNow: () => link.reconnectNow(),
    close() {
      link.close();
      sender.close();
      closing.abort();
      expiry.close();
    },
  };
}

/** A name for a message that no other has. Not `randomUUID`: browsers keep that from pages without https. */
function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
