import { createApi } from "@parlor/client";
import type { Message, ServerFrame } from "@parlor/protocol";
import { WebSocket } from "ws";
import { readPages, toRow } from "../checker/history.js";
import type { LiveRun, SentMessage } from "../checker/record.js";
import type { Action } from "../schedule/action.js";
import type { Ledger } from "./ledger.js";
import type { Identity, Participant } from "./person.js";
import { parseServerFrame } from "./tap.js";

/** The waits of the seeds' front end between its tries, in seconds; it stays with the last one. */
const RECONNECT = [1, 2, 4, 5, 5] as const;
/** How often it polls while its socket is away, and says that it lives while it is there, in milliseconds. */
const POLL_EVERY = 3_000;
const KEEP_ALIVE_EVERY = 10_000;
/** A request that is not answered is given up after so long; a named one is sent again after a pause. */
const REQUEST_PATIENCE = 8_000;
const RETRY_AFTER = 500;

/** What a participant with a client of the seeds is made of. */
export interface RawOptions {
  readonly name: string;
  readonly room: string;
  readonly url: string;
  readonly identity: Identity;
  readonly ledger: Ledger;
}

/** A participant with the seeds' own client: a bare WebSocket without a cursor, and requests. */
export class RawParticipant implements Participant {
  readonly name: string;
  readonly room: string;
  readonly isMeasured = false;
  readonly #options: RawOptions;
  readonly #runs: number[][] = [];
  readonly #bySocket = new Map<string, SentMessage>();
  #socket: WebSocket | null = null;
  #sockets = 0;
  #tries = 0;
  #texts = 0;
  #posting: Promise<void> = Promise.resolve();
  #postsWaiting = 0;
  #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: RawOptions) {
    this.#options = options;
    this.name = options.name;
    this.room = options.room;
  }

  open(): void {
    this.#connect();
    this.#every(KEEP_ALIVE_EVERY, () => this.#sendFrame({ type: "keep_alive" }));
    this.#every(POLL_EVERY, () => {
      if (this.#socket?.readyState !== WebSocket.OPEN) void this.#poll();
    });
  }

  act(action: Action): void {
    switch (action.kind) {
      case "send":
        for (let i = 0; i < action.count; i++) this.#say(action.padding);
        return;
      case "post":
        this.#post(action.named, action.padding);
        return;
      case "typing":
        this.#sendFrame({ type: "typing_start" });
        return;
      case "rename":
        void this.#request("PUT", `/users/${this.#options.identity.id}/profile`, {
          display_name: action.name,
        });
        return;
      case "reload":
        this.#socket?.close();
        return;
      default:
    }
  }

  isIdle(): boolean {
    return this.#postsWaiting === 0 && this.#socket?.readyState === WebSocket.OPEN;
  }

  async view() {
    const api = createApi({ url: this.#options.url });
    const messages = await readPages(api, this.room);
    return {
      name: this.name,
      room: this.room,
      from: 0,
      rows: messages.map(toRow),
      names: new Map(messages.map(({ user_id, username }) => [user_id, username])),
    };
  }

  live(): readonly LiveRun[] {
    return this.#runs.map((seqs, index) => ({
      name: `${this.name} socket ${index + 1}`,
      room: this.room,
      seqs,
    }));
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#socket?.terminate();
  }

  /** Name and picture go along the first time only, as the front end does it. */
  #connect(): void {
    const { url, identity } = this.#options;
    const query = this.#sockets === 0 ? `?username=${encodeURIComponent(identity.name)}` : "";
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${this.room}/${identity.id}${query}`);
    this.#socket = socket;
    this.#sockets += 1;
    const seqs: number[] = [];
    this.#runs.push(seqs);
    socket.on("open", () => {
      this.#tries = 0;
    });
    socket.on("message", (data) => this.#receive(seqs, parseServerFrame(data)));
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#closed) return;
      const wait = RECONNECT[Math.min(this.#tries, RECONNECT.length - 1)] ?? 5;
      this.#tries += 1;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        if (!this.#closed) this.#connect();
      }, wait * 1_000);
      this.#timers.add(timer);
    });
  }

  #receive(seqs: number[], frame: ServerFrame | null): void {
    const { ledger, identity } = this.#options;
    const who = `${this.room} ${this.name}`;
    if (frame === null) ledger.incident({ rule: "unreadable frame", who, detail: "it is not JSON" });
    if (frame?.type !== "message") return;
    if (frame.repeat) {
      ledger.incident({
        rule: "duplicated",
        who,
        detail: `${frame.seq} was told again to a client without names`,
      });
      return;
    }
    seqs.push(frame.seq);
    ledger.noteHead(this.room, frame.seq);
    const sent = frame.user_id === identity.id ? this.#bySocket.get(frame.content) : undefined;
    if (sent) ledger.acknowledge(sent, frame);
  }

  #say(padding: number): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const content = this.#text(padding);
    const lane = `${this.name} socket ${this.#sockets}`;
    this.#bySocket.set(content, this.#note(lane, content, null));
    this.#sendFrame({ content });
  }

  #sendFrame(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** One request after the other; a named one until it is answered. */
  #post(named: boolean, padding: number): void {
    const { id, name } = this.#options.identity;
    const content = this.#text(padding);
    // Named now: while it waits for its turn others are written.
    const key = named ? `${this.name}-${this.#texts}` : null;
    this.#postsWaiting += 1;
    this.#posting = this.#posting.then(async () => {
      // Only a named one is known to have arrived before the next goes out.
      const sent = this.#note(named ? `${this.name} requests` : `${this.name} ${content}`, content, key);
      const body = { user_id: id, username: name, content };
      const headers: Record<string, string> = key === null ? {} : { "idempotency-key": key };
      for (;;) {
        const message = await this.#request("POST", `/rooms/${this.room}/messages`, body, headers);
        if (message) this.#options.ledger.acknowledge(sent, message as Message);
        if (message || !named || this.#closed) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
      }
      this.#postsWaiting -= 1;
    });
  }

  async #poll(): Promise<void> {
    const messages = await this.#request("GET", `/rooms/${this.room}/messages?limit=100`);
    let before = 0;
    for (const { seq } of (messages ?? []) as Message[]) {
      if (seq <= before) {
        const who = `${this.room} ${this.name}`;
        this.#options.ledger.incident({
          rule: "view differs",
          who,
          detail: `${seq} is polled after ${before}`,
        });
      }
      before = seq;
    }
  }

  /** The answer, or `null` where there was none that says yes. */
  async #request(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const init: RequestInit = { method, headers, signal: AbortSignal.timeout(REQUEST_PATIENCE) };
    if (body) {
      init.headers = { ...headers, "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    try {
      const response = await fetch(this.#options.url + path, init);
      const answer: unknown = await response.json();
      return response.ok ? answer : null;
    } catch {
      return null;
    }
  }

  #note(lane: string, content: string, clientId: string | null): SentMessage {
    const { ledger, identity } = this.#options;
    return ledger.send({ room: this.room, author: identity.id, lane, content, clientId });
  }

  #text(padding: number): string {
    this.#texts += 1;
    return `${this.name} says ${this.#texts} ${"x".repeat(padding)}`;
  }

  #every(milliseconds: number, work: () => void): void {
    this.#timers.add(setInterval(work, milliseconds));
  }
}
