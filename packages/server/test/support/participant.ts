import type { Message, Profile, ServerFrame } from "@parlor/protocol";
import { openSocket, type Person, request, type Socket, until } from "./client.js";
import type { TestServer } from "./server.js";

/** What a participant knows of a message. */
export interface Known {
  readonly seq: number;
  readonly updated_seq: number;
  readonly content: string;
  readonly deleted: boolean;
  readonly reactions: string;
}

/** The state of a message, to compare what came in frames with what is fetched. */
export function knownOf(message: Message): Known {
  const { seq, updated_seq, content, deleted_at, reactions } = message;
  return { seq, updated_seq, content, deleted: deleted_at !== null, reactions: JSON.stringify(reactions) };
}

/**
 * A client of its own make: builds a room's state from frames and pages as docs/PROTOCOL.md tells it, sends from an
 * outbox until it is acknowledged, and notes everything that a frame should not have been.
 */
export class Participant {
  readonly messages = new Map<string, Known>();
  readonly profiles = new Map<string, Profile>();
  /** Every client_id in the order in which it was first sent. */
  readonly sent: string[] = [];
  readonly problems: string[] = [];
  cursor = 0;
  readonly #outbox = new Map<string, string>();
  readonly #server: TestServer;
  readonly #room: string;
  readonly #person: Person;
  #socket: Socket | null = null;
  #live = false;
  #epoch: string | null = null;
  #profilesAfter = 0;

  constructor(server: TestServer, room: string, person: Person) {
    this.#server = server;
    this.#room = room;
    this.#person = person;
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  /** Whether everything that was sent is acknowledged. */
  get settled(): boolean {
    return this.#outbox.size === 0;
  }

  get #path(): string {
    return `/rooms/${this.#room}/messages`;
  }

  /** Opens a socket from the cursor, and sends again what is not acknowledged. */
  async resume({ wait }: { wait: boolean }): Promise<void> {
    if (this.#socket) return;
    const { id, cookie } = this.#person;
    const epoch = this.#epoch === null ? {} : { epoch: this.#epoch };
    const query = { after: this.cursor, profiles_after: this.#profilesAfter, ...epoch };
    this.#live = false;
    const socket = await openSocket(this.#server, this.#room, id, { cookie, query });
    this.#socket = socket;
    let taken = 0;
    const take = () => {
      while (this.#socket === socket) {
        const frame = socket.frames[taken];
        if (!frame) return;
        taken += 1;
        this.#apply(frame);
      }
    };
    socket.ws.on("message", take);
    take();
    for (const [client_id, content] of this.#outbox) socket.send({ content, client_id });
    if (wait) await until(() => this.#live, "synced");
  }

  /** Breaks the connection off, without a word. */
  drop(): void {
    this.#socket?.ws.terminate();
    this.#socket = null;
  }

  /** Sends messages: as frames one after the other without waiting, or over REST while there is no socket. */
  async send(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const client_id = `${this.#person.name}-${this.sent.length}`;
      this.sent.push(client_id);
      this.#outbox.set(client_id, `text of ${client_id}`);
      this.#socket?.send({ content: `text of ${client_id}`, client_id });
    }
    if (!this.#socket) await this.#postOutbox();
  }

  /** Sends an old message once more. */
  async repeat(pick: number): Promise<void> {
    const client_id = this.sent[pick % Math.max(1, this.sent.length)];
    // One that is not acknowledged goes again with all before it, never alone.
    if (client_id === undefined || this.#outbox.has(client_id)) return;
    const body = { user_id: this.#person.id, content: "said otherwise", client_id };
    if (this.#socket) this.#socket.send({ type: "message", ...body });
    else await this.#request("POST", this.#path, body);
  }

  /** Changes a message: an own one, or any by a reaction. */
  async change(what: "edit" | "delete" | "react" | "unreact", pick: number): Promise<void> {
    const isOwn = ({ content }: Known) => content.includes(`text of ${this.#person.name}-`);
    const all = [...this.messages].filter(([, known]) => what.endsWith("react") || isOwn(known));
    const id = all[pick % Math.max(1, all.length)]?.[0];
    if (id === undefined) return;
    const path = `${this.#path}/${id}`;
    const reaction = `${path}/reactions/e${pick % 3}`;
    const user_id = this.#person.id;
    if (what === "edit") {
      const content = `text of ${this.#person.name}- edited ${pick % 4}`;
      await this.#request("PATCH", path, { content, user_id });
    } else if (what === "delete") await this.#request("DELETE", path);
    else if (what === "react") await this.#request("PUT", reaction, { user_id });
    else await this.#request("DELETE", `${reaction}?user_id=${user_id}`);
  }

  /** Reads a page of what changed, while there is no socket. */
  async poll(limit: number): Promise<void> {
    if (this.#socket) return;
    const epoch = this.#epoch === null ? "" : `&epoch=${this.#epoch}`;
    const answer = await this.#request("GET", `${this.#path}?after=${this.cursor}&limit=${limit}${epoch}`);
    for (const message of answer.json as Message[]) {
      this.#advance(message.updated_seq);
      this.#put(message.id, knownOf(message));
    }
    const next = Number(answer.headers.get("x-next-after"));
    if (next < this.cursor) this.problems.push(`X-Next-After ${next} is behind ${this.cursor}`);
    this.cursor = next;
  }

  async rename(pick: number): Promise<void> {
    const body = { display_name: `${this.#person.name} ${pick}` };
    await this.#request("PUT", `/users/${this.#person.id}/profile`, body);
  }

  async #request(method: string, path: string, body?: unknown) {
    const { cookie } = this.#person;
    const answer = await request(this.#server, method, path, {
      cookie,
      ...(body === undefined ? {} : { body }),
    });
    // What somebody deleted meanwhile is 404.
    if (answer.status !== 200 && answer.json?.code !== "message_not_found")
      this.problems.push(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  async #postOutbox(): Promise<void> {
    for (const [client_id, content] of [...this.#outbox]) {
      const body = { user_id: this.#person.id, content, client_id };
      if ((await this.#request("POST", this.#path, body)).status === 200) this.#outbox.delete(client_id);
    }
  }

  #apply(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        if (frame.reset) this.problems.push(`reset at ${this.cursor}`);
        this.#epoch = frame.epoch;
        for (const profile of frame.profiles) this.#learn(profile);
        this.#profilesAfter = Math.max(this.#profilesAfter, frame.profiles_rev);
        return;
      case "synced":
        if (frame.head_seq < this.cursor) this.problems.push(`synced ${frame.head_seq} at ${this.cursor}`);
        this.cursor = frame.head_seq;
        this.#live = true;
        return;
      case "message":
        if (frame.user_id === this.#person.id && frame.client_id) this.#outbox.delete(frame.client_id);
        if (frame.repeat) return;
        this.#advance(frame.updated_seq);
        this.#put(frame.id, knownOf(frame));
        return;
      case "message_updated":
        this.#advance(frame.message.updated_seq);
        this.#put(frame.message.id, knownOf(frame.message));
        return;
      case "message_deleted": {
        const { seq, updated_seq } = frame;
        this.#advance(updated_seq);
        this.#put(frame.id, { seq, updated_seq, content: "", deleted: true, reactions: "[]" });
        return;
      }
      case "profile_updated":
        this.#learn(frame);
        return;
      case "error":
        this.problems.push(`error ${frame.code}: ${frame.detail}`);
        return;
      default:
    }
  }

  /** A live number follows the one before; in a replay numbers may be missing, but none comes twice or out of order. */
  #advance(number: number): void {
    const fits = this.#socket && this.#live ? number === this.cursor + 1 : number > this.cursor;
    if (!fits) this.problems.push(`${this.#live ? "live" : "replayed"} ${number} at ${this.cursor}`);
    this.cursor = number;
  }

  #put(id: string, known: Known): void {
    const before = this.messages.get(id);
    if (before && before.seq !== known.seq)
      this.problems.push(`${id} moved from ${before.seq} to ${known.seq}`);
    this.messages.set(id, known);
  }

  #learn({ user_id, username, avatar_url, avatar_urls, profile_rev }: Profile): void {
    if ((this.profiles.get(user_id)?.profile_rev ?? 0) > profile_rev) return;
    this.profiles.set(user_id, { user_id, username, avatar_url, avatar_urls, profile_rev });
  }
}
