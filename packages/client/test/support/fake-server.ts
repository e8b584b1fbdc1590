import {
  ERRORS,
  type ErrorCode,
  type Message,
  type Profile,
  presenceHash,
  type ServerFrame,
} from "@parlor/protocol";
import type { WebSocketConstructor, WebSocketLike } from "../../src/socket.js";

const AT = "2026-01-01T00:00:00.000Z";

/** One room in memory that speaks as much of the protocol as the SDK uses, with a network that a test can spoil. */
export function createFakeServer() {
  const rows = new Map<string, Message>();
  const sockets = new Set<FakeSocket>();
  const waiting = new Set<() => void>();
  const profiles = new Map<string, Profile>();
  const requests: string[] = [];
  const opened: { url: string; protocols: string[] }[] = [];
  let head = 0;

  const server = {
    epoch: "e1",
    /** No request and no handshake comes through. */
    isDown: false,
    /** Sockets are refused at the handshake. */
    refusesSockets: false,
    /** Frames are lost in silence. */
    losesFrames: false,
    /** The next `synced` is lost in silence. */
    losesSynced: false,
    /** The next so many sends are stored and their acknowledgement is lost. */
    losesAcknowledgements: 0,
    /** The next so many sends over a socket never arrive. */
    swallowsSends: 0,
    /** Edits, deletions and reactions are never answered. */
    neverAnswersChanges: false,
    /** Who is here beside the clients. */
    others: [] as string[],
    /** `welcome` comes when it does. */
    welcomesAfter: Promise.resolve() as Promise<void>,
    /** Profiles cannot be had. */
    refusesProfiles: false,
    /** Closes sockets right after they open. */
    closesWith: null as { code: number; reason: string } | null,
    /** What `GET …/receipts` answers, when it does. */
    receipts: Promise.resolve([]) as Promise<{ user_id: string; seq: number }[]>,
    /** Rooms whose messages are refused over REST, with what. */
    refusals: new Map<string, ErrorCode>(),
    requests,
    opened,
    get head() {
      return head;
    },
    get sockets() {
      return sockets.size;
    },
    get visible() {
      return [...rows.values()].filter((row) => row.deleted_at === null).sort((a, b) => a.seq - b.seq);
    },
    post(user_id: string, content: string, client_id: string | null = null): Message {
      const known = [...rows.values()].find(
        (row) => row.user_id === user_id && client_id !== null && row.client_id === client_id,
      );
      if (known) return known;
      head += 1;
      const author = { user_id, username: user_id, avatar: null, avatar_url: null, profile_rev: 1 };
      const marks = { seq: head, updated_seq: head, reactions: [], edited_at: null, deleted_at: null };
      const base = { type: "message" as const, id: `m${head}`, room_id: "lobby", content, timestamp: AT };
      const message: Message = { ...base, ...author, ...marks, client_id };
      rows.set(message.id, message);
      broadcast(message);
      return message;
    },
    edit(id: string, content: string): Message {
      const message = { ...row(id), content, edited_at: AT, updated_seq: ++head };
      rows.set(id, message);
      broadcast({ type: "message_updated", room_id: "lobby", message });
      return message;
    },
    remove(id: string): void {
      const message = { ...row(id), content: "", deleted_at: AT, updated_seq: ++head };
      rows.set(id, message);
      const { seq, updated_seq } = message;
      broadcast({ type: "message_deleted", room_id: "lobby", id, seq, updated_seq });
    },
    profile(profile: Profile): void {
      profiles.set(profile.user_id, profile);
    },
    heartbeat(): void {
      broadcast({ type: "heartbeat", room_id: "lobby", head_seq: head });
    },
    broadcast,
    /** Every connection is cut without a word. */
    cut(code = 1006, reason = ""): void {
      for (const socket of [...sockets]) socket.end(code, reason);
    },
    /** A backup was restored: the history is another one. */
    restore(): void {
      rows.clear();
      head = 0;
      server.epoch = "e2";
      server.cut();
    },
    fetch: handle as typeof fetch,
    get WebSocket(): WebSocketConstructor {
      return FakeSocket;
    },
  };

  function row(id: string): Message {
    const found = rows.get(id);
    if (!found) throw new Error(`no message ${id}`);
    return found;
  }

  function broadcast(frame: ServerFrame): void {
    if (!server.losesFrames) for (const socket of sockets) socket.deliver(frame);
    for (const wake of waiting) wake();
    waiting.clear();
  }

  function changedAfter(after: number): Message[] {
    return [...rows.values()]
      .filter(({ updated_seq }) => updated_seq > after)
      .sort((a, b) => a.updated_seq - b.updated_seq);
  }

  async function handle(input: string, init: RequestInit): Promise<Response> {
    requests.push(`${init.method} ${input}`);
    await Promise.resolve();
    if (server.isDown) throw new TypeError("fetch failed");
    const url = new URL(input);
    if (url.pathname === "/rooms/lobby/receipts") return Response.json(await server.receipts);
    if (url.pathname === "/rooms/lobby/profiles") {
      if (server.refusesProfiles) return refuse(503, "overloaded");
      const ids = url.searchParams.get("ids")?.split(",");
      const found = [...profiles.values()].filter(({ user_id }) => !ids || ids.includes(user_id));
      return Response.json(found);
    }
    if (server.neverAnswersChanges && init.method !== "GET" && init.method !== "POST") {
      return await new Promise((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
      });
    }
    const roomId = /^\/rooms\/(\w+)\/messages$/.exec(url.pathname)?.[1] ?? "";
    const refusal = server.refusals.get(roomId);
    if (refusal) return refuse(ERRORS[refusal].status, refusal);
    if (roomId !== "lobby") return refuse(404, "not_found");
    if (init.method === "POST") {
      const { user_id, content, client_id } = JSON.parse(String(init.body));
      return Response.json(server.post(user_id, content, client_id));
    }
    const number = (name: string) => Number(url.searchParams.get(name) ?? Number.NaN);
    const limit = number("limit") || 100;
    const after = number("after");
    let found = server.visible.slice(-limit);
    let next = head;
    if (!Number.isNaN(number("before"))) {
      const all = [...rows.values()]
        .filter(({ seq }) => seq < number("before"))
        .sort((a, b) => a.seq - b.seq);
      found = all.slice(-limit);
    } else if (!Number.isNaN(number("around"))) {
      const all = [...rows.values()].sort((a, b) => a.seq - b.seq);
      const half = Math.floor(limit / 2);
      found = [
        ...all.filter(({ seq }) => seq < number("around")).slice(-half),
        ...all.filter(({ seq }) => seq >= number("around")).slice(0, limit - half),
      ];
    } else if (!Number.isNaN(number("from"))) {
      const all = [...rows.values()].sort((a, b) => a.seq - b.seq);
      found = all.filter(({ seq }) => seq >= number("from")).slice(0, limit);
    } else if (url.searchParams.has("at")) {
      found = [...rows.values()].sort((a, b) => a.seq - b.seq).slice(0, limit);
    } else if (!Number.isNaN(after)) {
      if ((url.searchParams.get("epoch") ?? server.epoch) !== server.epoch)
        return refuse(409, "cursor_reset");
      if (changedAfter(after).length === 0 && number("wait") > 0) await held(init.signal);
      found = changedAfter(after).slice(0, limit);
      next = found.length === limit ? (found.at(-1)?.updated_seq ?? head) : head;
    }
    const headers = { "x-next-after": String(next), "x-epoch": server.epoch };
    return Response.json(found, { headers });
  }

  async function held(signal: AbortSignal | null | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve);
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }

  const refuse = (status: number, code: string) => Response.json({ detail: code, code }, { status });

  class FakeSocket implements WebSocketLike {
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readyState = 0;
    readonly #userId: string;

    constructor(url: string, protocols: string[] = []) {
      opened.push({ url, protocols });
      const { pathname, searchParams } = new URL(url);
      this.#userId = pathname.split("/").at(-1) ?? "";
      queueMicrotask(() => {
        if (this.readyState !== 0) return;
        if (server.isDown || server.refusesSockets) return this.end(1006, "");
        this.readyState = 1;
        if (server.closesWith) return this.end(server.closesWith.code, server.closesWith.reason);
        void server.welcomesAfter.then(() => this.#welcome(searchParams));
      });
    }

    #welcome(query: URLSearchParams): void {
      if (this.readyState !== 1) return;
      const [after, epoch] = [Number(query.get("after")), query.get("epoch")];
      const reset = (epoch !== null && epoch !== server.epoch) || after > head;
      const room_id = "lobby";
      const clients = [...sockets].map((socket) => socket.#userId);
      const here = [...new Set([...clients, this.#userId, ...server.others])];
      const isKnown =
        Number(query.get("online")) === here.length &&
        Number(query.get("online_hash")) === presenceHash(here);
      const online = isKnown ? null : here;
      const changed = query.get("profiles") === "changed" ? [] : [...profiles.values()];
      const rev = { profiles_rev: 1, profiles: changed, more_profiles: false, call: null };
      const marks = { session_id: "s", epoch: server.epoch, head_seq: head, reset, online, server_time: AT };
      this.deliver({ type: "welcome", room_id, user_id: this.#userId, ...marks, ...rev });
      if (reset || this.readyState !== 1) return;
      const changes = changedAfter(after);
      for (const message of changes) {
        const { id, seq, updated_seq } = message;
        if (message.deleted_at) this.deliver({ type: "message_deleted", room_id, id, seq, updated_seq });
        else this.deliver(seq > after ? message : { type: "message_updated", room_id, message });
      }
      const count = changes.length;
      if (!server.losesSynced) this.deliver({ type: "synced", room_id, head_seq: head, count });
      server.losesSynced = false;
      if (this.readyState === 1) sockets.add(this);
    }

    deliver(frame: ServerFrame): void {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) } as never);
    }

    send(data: string): void {
      const frame = JSON.parse(data);
      if (frame.type === "ping" && !server.losesFrames) this.deliver({ type: "pong" });
      if (frame.type !== "message") return;
      if (server.swallowsSends > 0) {
        server.swallowsSends -= 1;
        return;
      }
      const before = head;
      if (server.losesAcknowledgements > 0) {
        server.losesAcknowledgements -= 1;
        server.losesFrames = true;
        server.post(this.#userId, frame.content, frame.client_id);
        server.losesFrames = false;
        return;
      }
      const message = server.post(this.#userId, frame.content, frame.client_id);
      if (message.seq <= before) this.deliver({ ...message, repeat: true });
    }

    close(): void {
      this.readyState = 3;
      sockets.delete(this);
    }

    end(code: number, reason: string): void {
      if (this.readyState === 3) return;
      this.close();
      this.onclose?.({ code, reason } as never);
    }
  }

  return server;
}
