import {
  type CallInfo,
  type ErrorCode,
  errorEntry,
  isDirectRoomId,
  type MessagePreview,
  type NotificationLevel,
  ParlorError,
  type Profile,
  type RoomSummary,
  type ServerFrame,
  type ServerFrameOf,
} from "@parlor/protocol";
import { type Api, createApi } from "./api.js";
import { type Clock, systemClock } from "./clock.js";
import { createCursors } from "./cursors.js";
import { asParlorError } from "./errors.js";
import { type HistoryStore, historyOwner } from "./history.js";
import { createKeeper, restoreWithin } from "./keeper.js";
import { browserLeaving, type LeavingSource } from "./leaving.js";
import { Link } from "./link.js";
import { createListeners } from "./listeners.js";
import { browserOnline, type OnlineSource } from "./online.js";
import { retryDelay } from "./retry.js";
import { globalWebSocket, openSocket, type RoomSocket, type WebSocketConstructor } from "./socket.js";
import { byActivity, type Heard, hearActivity, hearRead, hearReadState, hearSummary } from "./summaries.js";
import { createSummaryPoller } from "./summary-poller.js";
import { withTimeout } from "./timeout.js";
import type { ConnectionStatus } from "./types.js";

/** A socket that is open and brings no inbox within this time is given up. */
const READY_TIMEOUT = 8_000;
const REQUEST_TIMEOUT = 15_000;
/** A message of this long after somebody came may have been there when they came. */
const JOINING = 60_000;
/** Doubts of this long are mended with one request, so that counts are right within a second. */
const REREAD_GAP = 600;
/** More doubtful rooms than this, and the whole list is cheaper. */
const SINGLY = 3;
/** Unknown rooms whose news waits for them at most; of what is beyond them the list alone tells. */
const UNHEARD_LIMIT = 100;
/** A cursor that moved and changed no count is told with the next change, or after this. */
const CURSOR_GAP = 250;
/** Rooms in the list at most, the newest ones: the server's own bound. */
const ROOMS_LIMIT = 1_000;

/** What a user's inbox needs. */
export interface InboxOptions {
  /** Address of the server; in a browser, `""` is the page's own. */
  readonly url: string;
  readonly userId: string;
  /** The REST client to share; made from `url` and `token` otherwise. */
  readonly api?: Api | undefined;
  /** The session's token, for clients without the cookie. */
  readonly token?: (() => string | null) | undefined;
  /** The WebSocket implementation; `null` for none. The global one otherwise. */
  readonly WebSocket?: WebSocketConstructor | null | undefined;
  /** Where the list is kept for the next visit, to be there without a network; nowhere otherwise. */
  readonly history?: HistoryStore | undefined;
  /** Tells of the network; the browser's own otherwise. */
  readonly online?: OnlineSource | undefined;
  /** Tells that the page goes away; the browser's own otherwise. */
  readonly leaving?: LeavingSource | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

/** All rooms of a user. A new object on every change; unchanged rooms keep their identity. */
export interface InboxState {
  readonly status: ConnectionStatus;
  /** Why there is no inbox: no session, or one that ended. */
  readonly failure: { readonly code: ErrorCode; readonly detail: string } | null;
  /** Whether there is a list: it has been read, or was kept. */
  readonly loaded: boolean;
  /** Whether this is what an earlier visit left: the server has not said yet what came since. */
  readonly restored: boolean;
  /** What moved last comes first. */
  readonly rooms: readonly RoomSummary[];
  /** The calls of these rooms, by room. One rings for the user while `ringing` holds their id. */
  readonly calls: ReadonlyMap<string, CallInfo>;
  /** The user's own profile, once it has changed anywhere. */
  readonly profile: Profile | null;
}

/** Something new in one of the user's rooms, as it happens. */
export interface InboxNews {
  readonly room: RoomSummary;
  readonly message: MessagePreview;
  readonly mentionsMe: boolean;
}

/** What is told of a room itself. */
export type RoomFrame = ServerFrameOf<"room_updated" | "room_deleted">;

/** A user's rooms as an application uses them. */
export interface InboxClient {
  readonly state: InboxState;
  /** Calls back after changes, gathered; answers how to stop. */
  subscribe(listener: () => void): () => void;
  /** Calls back for messages of others as they come over the socket, gathered by room; answers how to stop. */
  onNews(listener: (news: InboxNews) => void): () => void;
  /** Calls back when a room itself was changed or deleted; answers how to stop. */
  onRoom(listener: (frame: RoomFrame) => void): () => void;
  /** Says that a room has been read up to a number: shown at once, told gathered, and never backwards. */
  markRead(roomId: string, seq: number): void;
  /** Chooses what of a room reaches the user's attention. */
  setLevel(roomId: string, level: NotificationLevel): Promise<void>;
  /** Leaves a room, or hides a conversation. */
  leave(roomId: string): Promise<void>;
  /** Reads a room again, or all of them. */
  refresh(roomId?: string): void;
  /** Connects now, also after a failure was mended. */
  reconnectNow(): void;
  close(): void;
}

/**
 * Opens all rooms of a user on one socket (`/ws/dm/{user}?inbox=1`). What the frames tell is kept; what they leave open
 * is read from `GET /users/{user}/rooms`, which also serves alone, every 15 seconds, where no WebSocket can be had.
 */
export function openInbox(options: InboxOptions): InboxClient {
  const { userId, clock = systemClock, random = Math.random, history } = options;
  const api = options.api ?? createApi({ url: options.url, token: options.token });
  const token = options.token ?? api.token;
  const WebSocket = options.WebSocket === undefined ? globalWebSocket() : options.WebSocket;
  const online = options.online ?? browserOnline();
  const listeners = createListeners();
  const newsListeners = new Set<(news: InboxNews) => void>();
  const roomListeners = new Set<(frame: RoomFrame) => void>();
  const lifetime = new AbortController();
  const rooms = new Map<string, RoomSummary>();
  const doubts = new Set<string>();
  /** For each list on its way, the rooms of which was heard meanwhile what no head tells: it may be of before. */
  const readings = new Set<Set<string>>();
  /** What was told last of rooms that are not known yet: news as soon as they are. */
  const unheard = new Map<string, ServerFrameOf<"room_activity">>();
  /** Rooms that the user has read since this began. */
  const looked = new Set<string>();
  let isAllDoubtful = false;
  let loaded = false;
  let restored = false;
  let profile: Profile | null = null;
  let calls: ReadonlyMap<string, CallInfo> = new Map();
  let state: InboxState = {
    status: "connecting",
    failure: null,
    loaded,
    restored,
    rooms: [],
    calls,
    profile,
  };
  let isReading = false;
  let stopRead: (() => void) | null = null;
  let stopShow: (() => void) | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let readTries = 0;

  function update(): void {
    const failure = link.failure && { code: link.failure.code, detail: link.failure.message };
    // Without a socket it is not known who talks; nothing may ring then.
    if (link.status !== "live" && calls.size > 0) calls = new Map();
    state = {
      status: link.status,
      failure,
      loaded,
      restored,
      rooms: byActivity(rooms.values()),
      calls,
      profile,
    };
    if (loaded && !restored) keeper?.changed();
  }

  function show(): void {
    stopShow?.();
    stopShow = null;
    update();
    listeners.notify();
  }

  /** In a room that is open and busy the cursor moves with each message, and no count does. */
  function showLater(): void {
    update();
    stopShow ??= clock.after(CURSOR_GAP, show);
  }

  function put(heard: Heard): void {
    rooms.set(heard.room.id, heard.room);
    if (heard.isDoubtful) doubt(heard.room.id);
    show();
  }

  function doubt(roomId: string | null): void {
    if (roomId === null) isAllDoubtful = true;
    else doubts.add(roomId);
    scheduleRead(Math.max(0, readAt + REREAD_GAP - clock.now()));
  }

  function scheduleRead(delay: number): void {
    if (isReading || stopRead || lifetime.signal.aborted || !(isAllDoubtful || doubts.size > 0)) return;
    stopRead = clock.after(delay, () => {
      stopRead = null;
      void read();
    });
  }

  /** A room came, went or changed in a way that its head does not tell. */
  function overtake(roomId: string): void {
    for (const overtaken of readings) overtaken.add(roomId);
  }

  async function fetchRooms(signal: AbortSignal, roomId?: string) {
    const query = roomId === undefined ? { limit: ROOMS_LIMIT } : { room_id: roomId };
    const overtaken = new Set<string>();
    readings.add(overtaken);
    try {
      const found = await withTimeout(clock, REQUEST_TIMEOUT, signal, (own) =>
        api.call("listUserRooms", { params: { user_id: userId }, query, signal: own }),
      );
      return { found, overtaken };
    } finally {
      readings.delete(overtaken);
    }
  }

  async function readAll(signal: AbortSignal): Promise<void> {
    const { found, overtaken } = await fetchRooms(signal);
    if (signal.aborted) return;
    const kept = new Set(found.map(({ id }) => id));
    const isWhole = found.length < ROOMS_LIMIT;
    for (const id of [...rooms.keys()]) {
      if (kept.has(id) || doubts.has(id)) continue;
      rooms.delete(id);
      if (isWhole) dropKept(id);
    }
    loaded = true;
    restored = false;
    for (const answer of found) take(answer, overtaken);
    show();
    tellUnheard();
  }

  async function readOne(roomId: string): Promise<void> {
    const { found, overtaken } = await fetchRooms(lifetime.signal, roomId);
    const [answer] = found;
    if (answer) take(answer, overtaken);
    else {
      rooms.delete(roomId);
      dropKept(roomId);
    }
    show();
    tellUnheard();
  }

  /** What is kept of a room goes when the room is shut to the user; a conversation is only hidden. */
  function dropKept(roomId: string): void {
    if (!isDirectRoomId(roomId)) history?.dropRoom(owner, roomId).catch(() => {});
  }

  /** What was written before somebody came is read from the start; that they saw it, others know only when it is told. */
  function isFirstLook(room: RoomSummary): boolean {
    const { last_message, joined_at } = room;
    if (looked.has(room.id) || last_message === null) return false;
    return Date.parse(last_message.timestamp) <= Date.parse(joined_at) + JOINING;
  }

  function take(answer: RoomSummary, overtaken: ReadonlySet<string>): void {
    if (overtaken.has(answer.id)) {
      doubts.add(answer.id);
      return;
    }
    const heard = hearSummary(rooms.get(answer.id), answer, cursors.wanted(answer.id));
    rooms.set(answer.id, heard.room);
    if (heard.isDoubtful) doubts.add(answer.id);
  }

  /** After a list: what was told of rooms that are known by now is news. */
  function tellUnheard(): void {
    for (const [roomId, frame] of unheard) {
      if (doubts.has(roomId)) continue;
      unheard.delete(roomId);
      const room = rooms.get(roomId);
      if (room) tellNews(room, frame);
    }
  }

  /** Mends what is in doubt. */
  async function read(): Promise<void> {
    isReading = true;
    const ids = [...doubts];
    const all = isAllDoubtful || ids.length > SINGLY;
    doubts.clear();
    isAllDoubtful = false;
    let delay = REREAD_GAP;
    try {
      if (all) await readAll(lifetime.signal);
      else for (const id of ids) await readOne(id);
      readTries = 0;
    } catch (cause) {
      if (lifetime.signal.aborted) return;
      const error = asParlorError(cause);
      if (errorEntry(error.code).retry) {
        if (all) isAllDoubtful = true;
        for (const id of ids) doubts.add(id);
        delay = retryDelay({ tries: readTries, retryAfter: error.retryAfter, random: random() }) ?? 0;
        readTries += 1;
      } else {
        link.close(error);
      }
    }
    isReading = false;
    readAt = clock.now();
    scheduleRead(delay);
  }

  function tellRoom(frame: RoomFrame): void {
    for (const tell of roomListeners) tell(frame);
  }

  function receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "inbox_ready":
        cursors.wake();
        doubt(null);
        break;
      case "room_activity":
        receiveActivity(frame);
        break;
      case "room_read": {
        const room = rooms.get(frame.room_id);
        if (room) put(hearRead(room, frame.read_seq));
        break;
      }
      case "room_level":
      case "room_updated": {
        const room = rooms.get(frame.room_id);
        const news = frame.type === "room_level" ? { level: frame.level } : { name: frame.name };
        overtake(frame.room_id);
        if (room) put({ room: { ...room, ...news }, isDoubtful: false });
        if (frame.type === "room_updated") tellRoom(frame);
        break;
      }
      case "room_added":
        doubt(frame.room_id);
        break;
      case "room_removed":
      case "room_deleted":
        overtake(frame.room_id);
        dropKept(frame.room_id);
        rooms.delete(frame.room_id);
        if (frame.type === "room_deleted") tellRoom(frame);
        receiveCall({ type: "call-info", room_id: frame.room_id, call: null });
        break;
      case "profile":
        if (frame.profile.user_id === userId) profile = frame.profile;
        show();
        break;
      case "call-info":
        receiveCall(frame);
        break;
      case "session_ended":
        link.close(new ParlorError("session_ended"));
        break;
      default:
      // The older frames of this socket bring nothing that the rooms do not.
    }
  }

  function receiveCall({ room_id, call }: ServerFrameOf<"call-info">): void {
    const next = new Map(calls);
    if (call) next.set(room_id, call);
    else next.delete(room_id);
    calls = next;
    show();
  }

  function receiveActivity(frame: ServerFrameOf<"room_activity">): void {
    const known = rooms.get(frame.room_id);
    // A room that came or came back with this message; or the list is still on its way.
    if (!known) {
      unheard.delete(frame.room_id);
      unheard.set(frame.room_id, frame);
      const oldest = unheard.keys().next();
      if (unheard.size > UNHEARD_LIMIT && !oldest.done) unheard.delete(oldest.value);
      doubt(frame.room_id);
      return;
    }
    const heard = hearActivity(known, frame, userId);
    put(heard);
    tellNews(heard.room, frame);
  }

  /** Each frame is told once to a socket, so it is news also where a list brought its message before. */
  function tellNews(room: RoomSummary, frame: ServerFrameOf<"room_activity">): void {
    const { mentions_me: mentionsMe } = frame;
    const message = frame.mention ?? frame.last_message;
    if (frame.messages === 0 || !message || message.user_id === userId) return;
    // Read already, here or on another device.
    if (message.seq <= room.read_seq) return;
    for (const listener of [...newsListeners]) listener({ room, message, mentionsMe });
  }

  function open(on: {
    onFrame: (frame: ServerFrame) => void;
    onEnd: (end: { code: number; reason: string }) => void;
  }): RoomSocket {
    if (WebSocket === null) throw new Error("There is no WebSocket.");
    const path = `/ws/dm/${encodeURIComponent(userId)}?inbox=1`;
    const socket = openSocket({
      WebSocket,
      clock,
      token: token(),
      target: { address: api.url.replace(/^http/, "ws") + path },
      onFrame(frame) {
        if (frame.type === "inbox_ready") stopTimer();
        on.onFrame(frame);
      },
      onEnd(end) {
        stopTimer();
        on.onEnd(end);
      },
    });
    const stopTimer = clock.after(READY_TIMEOUT, () => {
      socket.close();
      on.onEnd({ code: 1006, reason: "no inbox" });
    });
    return {
      ...socket,
      close() {
        stopTimer();
        socket.close();
      },
    };
  }

  const cursors = createCursors({
    api,
    userId,
    clock,
    random,
    onState(read) {
      const room = rooms.get(read.room_id);
      if (room) put(hearReadState(room, read));
    },
    onRefused(roomId) {
      const room = rooms.get(roomId);
      // What was shown as read is not; only the server knows now.
      if (room) rooms.set(roomId, { ...room, read_seq: 0 });
      doubt(roomId);
    },
  });
  const poller = createSummaryPoller({
    clock,
    random,
    read: readAll,
    onChange: () => link.pollerChanged(),
    onRefused: (error) => link.close(error),
  });
  const link = new Link({
    clock,
    random,
    online,
    // Shown before the socket is there; afterwards its `inbox_ready` asks for it.
    prepare: async (signal) => {
      if (!loaded || restored) await readAll(signal);
    },
    open: WebSocket && open,
    poller,
    onFrame: receive,
    onChange: show,
  });
  const owner = historyOwner(api.url, userId);
  const keeper =
    history &&
    createKeeper({
      clock,
      take: () => (loaded ? state.rooms : null),
      keep: (list) => history.keepRooms(owner, list),
      forget: () => history.keepRooms(owner, []),
    });
  const stopLeaving = (options.leaving ?? browserLeaving()).subscribe(() => {
    cursors.flush();
    keeper?.flush();
  });

  /** Takes the kept list, unless the server was faster. */
  function restore(kept: readonly RoomSummary[]): void {
    if (lifetime.signal.aborted || loaded) return;
    for (const room of kept) rooms.set(room.id, room);
    restored = loaded = true;
    show();
  }

  async function start(store: HistoryStore): Promise<void> {
    await restoreWithin(clock, store.rooms(owner), restore);
    if (!lifetime.signal.aborted) link.start();
  }

  if (history) void start(history);
  else link.start();

  return {
    get state() {
      return state;
    },
    subscribe: listeners.subscribe,
    onNews(listener) {
      newsListeners.add(listener);
      return () => newsListeners.delete(listener);
    },
    onRoom(listener) {
      roomListeners.add(listener);
      return () => roomListeners.delete(listener);
    },
    markRead(roomId, seq) {
      const room = rooms.get(roomId);
      if (room && seq <= room.read_seq && !isFirstLook(room)) return;
      if (!cursors.put(roomId, seq) || !room) return;
      looked.add(roomId);
      // Where it leaves something unread, the answer to the cursor says how much.
      const { room: next } = hearRead(room, seq);
      rooms.set(roomId, next);
      if (next.unread === room.unread && next.mentions === room.mentions) showLater();
      else show();
    },
    async setLevel(roomId, level) {
      await api.call("setNotifications", { params: { room_id: roomId }, body: { level, user_id: userId } });
      const room = rooms.get(roomId);
      overtake(roomId);
      // Another device may have chosen since, and its choice may have been told already.
      if (room) put({ room: { ...room, level }, isDoubtful: true });
    },
    async leave(roomId) {
      await api.call("leaveRoom", { params: { room_id: roomId }, body: { user_id: userId } });
      overtake(roomId);
      rooms.delete(roomId);
      show();
    },
    refresh: (roomId) => doubt(roomId ?? null),
    reconnectNow() {
      cursors.wake();
      link.reconnectNow();
    },
    close() {
      lifetime.abort();
      stopRead?.();
      stopShow?.();
      stopLeaving();
      keeper?.close();
      cursors.stop();
      link.close();
    },
  };
}
