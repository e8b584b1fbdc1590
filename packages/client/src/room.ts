import {
  type ErrorCode,
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
import { type HistoryStore, historyOwner, type RoomSnapshot } from "./history.js";
import { createInbox } from "./inbox.js";
import { createKeeper, restoreWithin } from "./keeper.js";
import { browserLeaving } from "./leaving.js";
import { Link } from "./link.js";
import { createListeners } from "./listeners.js";
import { emptyModel, isOtherEpoch, type RoomModel, WINDOW_LIMIT } from "./model.js";
import { browserOnline } from "./online.js";
import { createMemoryOutbox, isOutboxFull, outboxKey, sendable } from "./outbox.js";
import { createPaging } from "./paging.js";
import { createPeople } from "./people.js";
import { CHANGES_LIMIT, createPoller } from "./polling.js";
import { mergeProfiles } from "./profiles.js";
import { mergeReceipts } from "./receipts.js";
import type { RoomClient, RoomOptions } from "./room-client.js";
import { createSender } from "./sender.js";
import { restoreSnapshot, takeSnapshot } from "./snapshot.js";
import { globalWebSocket, openSocket, type SocketTarget } from "./socket.js";
import { applyChanges, applyFrame, applyMessages, applyReplayed, expireTyping, numberOf } from "./state.js";
import { withTimeout } from "./timeout.js";
import type { PendingMessage } from "./types.js";
import { createExpiry, createTyping } from "./typing.js";
import { applyFreshPage } from "./window.js";

/** Rows of the first page, and of each older one. */
const PAGE_LIMIT = 50;
/** A resume over more changes than a person would read opens the newest page instead; see `RoomOptions.replayLimit`. */
const REPLAY_LIMIT = 1_000;
const REQUEST_TIMEOUT = 15_000;
/** Nothing can be sent to such a room any more: what waits for it becomes a failure that the person sees. */
const GONE: ReadonlySet<ErrorCode> = new Set(["room_not_found", "banned"]);
/** The user may act again after a login. */
const MENDABLE: ReadonlySet<ErrorCode> = new Set(["session_required", "session_ended", "not_your_identity"]);

/** Opens a room. The first page, the connection and the outbox start at once. */
export function openRoom(options: RoomOptions): RoomClient {
  const { roomId, userId, clock = systemClock, random = Math.random, replayLimit = REPLAY_LIMIT } = options;
  const { history } = options;
  const api = options.api ?? createApi({ url: options.url, token: options.token });
  const WebSocket = options.WebSocket === undefined ? globalWebSocket() : options.WebSocket;
  const online = options.online ?? browserOnline();
  const params = { room_id: roomId };
  const closing = new AbortController();
  const listeners = createListeners();
  // Who replays any gap wants to see each message of it.
  let model = emptyModel(roomId, userId, Math.max(WINDOW_LIMIT, replayLimit));
  /** What is shown can not be continued: the next try opens the newest page. */
  let isStale = true;
  let refused: ParlorError | null = null;
  /** Who listens to what is no part of the history. */
  const wires = new Set<(frame: ServerFrame) => void>();
  /** Changes in full pages in a row that polling brought. */
  let polled = 0;

  function commit(next: RoomModel): void {
    if (next === model) return;
    model = next;
    keeper?.changed();
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
    // Of another life of the server, in which people may be others.
    if (isOtherEpoch(model, page.epoch)) people.restored([], null);
    people.paged(page.messages);
    polled = 0;
    const place = model.hasNewer && !isOtherEpoch(model, page.epoch) ? paging.middle() : null;
    commit(applyFreshPage(model, page));
    acknowledge(page.messages);
    // Who reads in the past stays there. When that fails, the newest page is a true place too.
    if (place !== null) void paging.jumpTo(place).catch(() => {});
  }

  /** Live ones are told from here on; what was before is asked for. Who tells it no more is in the answer no more. */
  function followReceipts(): void {
    if (!options.receipts) return;
    const before = model.receipts;
    request((signal) => api.call("listReceipts", { params, query: { user_id: userId }, signal })).then(
      (answer) => {
        // What was told while the answer was on its way may be newer than it.
        const live = [...model.receipts].filter(([id, seq]) => before.get(id) !== seq);
        const told = [...answer, ...live.map(([user_id, seq]) => ({ user_id, seq }))];
        commit({ ...model, receipts: mergeReceipts(new Map(), told, userId) });
      },
      // The next connection asks again.
      () => {},
    );
  }

  function welcome(frame: ServerFrameOf<"welcome">): void {
    if (frame.reset || frame.head_seq - model.cursor > replayLimit) {
      openAnew();
      return;
    }
    inbox.welcomed();
    // Polls that were answered since the handshake know of nobody.
    apply({ ...frame, online: frame.online ?? [...people.claimed] });
    people.welcomed(frame);
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
    } else {
      inbox.receive(frame);
      // Before it the replay tells what is lost; a connection that was just given up tells nothing.
      if (link.status === "live") people.receive(frame);
    }
    if (numberOf(frame) === null) for (const tell of [...wires]) tell(frame);
  }

  async function transmit(message: PendingMessage, signal: AbortSignal, tries: number): Promise<void> {
    const { client_id } = message;
    const given = sendable(message);
    // Some networks swallow one kind of traffic: after two tries in vain the other way is taken, and so on.
    const isSocketsTurn = tries % 3 < 2;
    if (isSocketsTurn && link.send({ type: "message", ...given })) return;
    const { username, avatarUrl: avatar_url } = options;
    const body = { user_id: userId, username, avatar_url, ...given };
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
    if (isLive && model.status !== "live") followReceipts();
    sender.setReady(isLive || status === "polling");
    if (link.failure && link.failure !== refused && GONE.has(link.failure.code))
      sender.refuseAll(link.failure);
    // What was kept of a room that is shut to this user goes; an ended session may come back.
    if (link.failure && link.failure !== refused && !MENDABLE.has(link.failure.code)) keeper?.drop();
    refused = link.failure;
    const isSame = status === model.status && failure?.detail === model.failure?.detail;
    if (isSame && nextAttemptAt === model.nextAttemptAt) return;
    commit({
      ...model,
      status,
      nextAttemptAt,
      failure,
      restored: model.restored && !isLive && status !== "polling",
      // Who is here and who types is known from a socket alone.
      online: status === "polling" || status === "closed" ? [] : model.online,
      ...(isLive ? {} : { typing: [], typingUntil: new Map() }),
    });
  }

  const owner = historyOwner(api.url, userId);
  const keeper =
    history &&
    createKeeper({
      clock,
      take: () => (link.failure ? null : takeSnapshot(model, people.profilesAfter)),
      keep: (snapshot) => history.keepRoom(owner, roomId, snapshot),
      forget: () => history.dropRoom(owner, roomId),
    });
  const stopLeaving = keeper ? (options.leaving ?? browserLeaving()).subscribe(keeper.flush) : () => {};
  const position = () => ({ cursor: model.cursor, epoch: model.epoch });
  const sender = createSender({
    store: options.outbox ?? createMemoryOutbox(),
    key: outboxKey(api.url, roomId, userId),
    clock,
    random,
    transmit,
    // Twice in a row: what goes out does not arrive, though what comes in may.
    onSilence: () => link.restart(),
    onChange: () => commit({ ...model, pending: sender.list, pendingKept: sender.isKept }),
  });
  const poller = createPoller({
    api,
    roomId,
    clock,
    random,
    position,
    prepare: openNewest,
    onPage(page) {
      people.polled();
      // Pages are bounded by bytes too: only a row of full ones means that very much was missed.
      polled = page.messages.length < CHANGES_LIMIT ? 0 : polled + page.messages.length;
      if (polled >= replayLimit || isOtherEpoch(model, page.epoch)) isStale = true;
      else takePage(page);
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
    online,
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
    apply,
    applyReplayed(frames) {
      commit(applyReplayed(model, frames, clock.now()));
      acknowledge(frames.filter((frame) => frame.type === "message"));
    },
    applyPage: takePage,
    onLost: () => link.restart(),
  });
  const people = createPeople({
    api,
    roomId,
    clock,
    limit: PAGE_LIMIT,
    request,
    profiles: () => model.profiles,
    online: () => model.online,
    onProfiles: (profiles) => commit({ ...model, profiles: mergeProfiles(model.profiles, profiles) }),
    onPresenceLost: () => link.restart(),
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
    const { profilesAfter } = people;
    const online = people.claim();
    return { url, roomId, userId, after, epoch, profilesAfter, online, username, avatarUrl };
  }

  /** Runs a change of a message and shows its answer at once, before its frame. */
  async function change(run: (signal: AbortSignal) => Promise<Message>): Promise<Message> {
    const message = await request(run).catch((cause: unknown) => {
      throw asParlorError(cause);
    });
    take([message]);
    return message;
  }

  const paging = createPaging({
    api,
    roomId,
    limit: PAGE_LIMIT,
    model: () => model,
    request,
    commit(next, page) {
      commit(next);
      acknowledge(page);
    },
    ready: () => whenLoaded(),
    onReset: openAnew,
  });

  function whenLoaded(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = listeners.subscribe(() => {
        if (!model.loaded) return;
        stop();
        resolve();
      });
      closing.signal.addEventListener("abort", () => {
        stop();
        reject(new ParlorError("unavailable"));
      });
    });
  }

  /** Takes what was kept, unless the server was faster. */
  function restore(kept: RoomSnapshot): void {
    if (closing.signal.aborted || model.loaded) return;
    isStale = false;
    people.restored(kept.profiles, kept.profilesAfter);
    commit(restoreSnapshot(model, kept));
  }

  async function start(store: HistoryStore): Promise<void> {
    const restored = restoreWithin(clock, store.room(owner, roomId), restore);
    if (store.mayHave?.(roomId) !== false) await restored;
    if (!closing.signal.aborted) link.start();
  }

  if (history) void start(history);
  else link.start();

  return {
    get state() {
      return model;
    },
    subscribe: listeners.subscribe,
    wire: {
      api,
      userId,
      clock,
      online,
      send: (frame) => link.send(frame),
      listen(listener) {
        wires.add(listener);
        return () => wires.delete(listener);
      },
    },
    send(content, { replyTo, mentions, mentionsRoom, attachments = [] } = {}) {
      if (content.trim() === "" && attachments.length === 0) throw new ParlorError("blank_content");
      if (content.length > LIMITS.contentLength) throw new ParlorError("content_too_long");
      if (link.failure && GONE.has(link.failure.code)) throw link.failure;
      if (isOutboxFull(sender.list, content.length)) throw new ParlorError("outbox_full");
      const client_id = newClientId();
      typing.forget();
      sender.add({
        client_id,
        content,
        ...(replyTo === undefined ? {} : { reply_to: replyTo }),
        ...(mentions && mentions.length > 0 ? { mentions } : {}),
        ...(mentionsRoom ? { mentions_room: true } : {}),
        ...(attachments.length > 0 ? { attachments } : {}),
        created_at: clock.now(),
        status: "pending",
      });
      return client_id;
    },
    retry: (clientId) => sender.retry(clientId),
    discard: (clientId) => sender.discard(clientId)?.content ?? null,
    loadOlder: paging.loadOlder,
    loadNewer: paging.loadNewer,
    jumpTo: paging.jumpTo,
    jumpToDate: paging.jumpToDate,
    jumpToLatest: paging.jumpToLatest,
    setTyping: (isTyping) => typing.set(isTyping),
    edit: (message_id, content, { mentions } = {}) =>
      change((signal) =>
        api.call("editMessage", {
          params: { ...params, message_id },
          body: { content, user_id: userId, ...(mentions ? { mentions: [...mentions] } : {}) },
          signal,
        }),
      ),
    remove: (message_id) =>
      change((signal) =>
        api.call("deleteMessage", { params: { ...params, message_id }, query: { user_id: userId }, signal }),
      ),
    react: (message_id, emoji) =>
      change((signal) =>
        api.call("addReaction", {
          params: { ...params, message_id, emoji },
          body: { user_id: userId },
          signal,
        }),
      ),
    unreact: (message_id, emoji) =>
      change((signal) =>
        api.call("removeReaction", {
          params: { ...params, message_id, emoji },
          query: { user_id: userId },
          signal,
        }),
      ),
    pin: (message_id) =>
      change((signal) =>
        api.call("pinMessage", { params: { ...params, message_id }, body: { user_id: userId }, signal }),
      ),
    unpin: (message_id) =>
      change((signal) =>
        api.call("unpinMessage", { params: { ...params, message_id }, query: { user_id: userId }, signal }),
      ),
    reconnectNow: () => link.reconnectNow(),
    close() {
      keeper?.close();
      stopLeaving();
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
