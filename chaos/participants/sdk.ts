import {
  createApi,
  createMemoryOutbox,
  type OutboxStore,
  openRoom,
  ParlorError,
  type RoomClient,
} from "@parlor/client";
import { errorEntry, type Message, type ServerFrame } from "@parlor/protocol";
import { toRow } from "../checker/history.js";
import type { AskedChange, Outcome, View } from "../checker/record.js";
import type { Action } from "../schedule/action.js";
import { createFrameWatch } from "./frame-watch.js";
import type { Ledger } from "./ledger.js";
import type { Identity, Participant } from "./person.js";
import { tapFetch, tapSocket } from "./tap.js";

/** Rows at the end of the list that are looked at on every change; the whole list is at the end. */
const TAIL = 60;

/** What a participant with the SDK is made of. */
export interface SdkOptions {
  readonly name: string;
  readonly room: string;
  readonly url: string;
  readonly identity: Identity;
  /** Without sockets it polls. */
  readonly hasSockets: boolean;
  /** Tabs of one browser share it. */
  readonly outbox?: OutboxStore | undefined;
  readonly random: () => number;
  readonly ledger: Ledger;
  /** Whether the network has taken a frame of this socket away. */
  readonly lostFrames: (label: string) => boolean;
  /** Told what it hears, for the log of events. */
  readonly trace: (what: string, details: object) => void;
  /** Its state has changed: the newest number that it shows, and whether it holds itself for contiguous. */
  readonly onState: (newest: number, isContiguous: boolean) => void;
}

/** What a frame tells about the history, in a few letters. */
function brief(frame: ServerFrame): string {
  switch (frame.type) {
    case "message":
      return `${frame.seq}@${frame.updated_seq}${frame.repeat ? " repeat" : ""}`;
    case "message_updated":
      return `${frame.message.seq}@${frame.message.updated_seq}`;
    case "message_deleted":
      return `-${frame.seq}@${frame.updated_seq}`;
    case "welcome":
    case "synced":
    case "heartbeat":
      return `${frame.type} ${frame.head_seq}`;
    case "error":
      return `error ${frame.code}`;
    default:
      return frame.type;
  }
}

/** A participant that uses the SDK, as the web client does. */
export function createSdkParticipant(options: SdkOptions): Participant {
  const { name, room: roomId, url, identity, hasSockets, ledger, onState } = options;
  const outbox = options.outbox ?? createMemoryOutbox();
  const token = () => identity.token;
  const fetch = tapFetch(({ method, path, messages }) => {
    const told = messages.map(({ seq, updated_seq }) =>
      seq === updated_seq ? seq : `${seq}@${updated_seq}`,
    );
    options.trace("answer", { method, path, told: told.join(" ") });
    const [message] = messages;
    if (method === "POST" && message) acknowledge(message);
  });
  const api = createApi({ url, token, fetch });
  const WebSocket = hasSockets ? tapSocket(watchSocket) : null;
  let client: RoomClient | null = null;
  let reloading: NodeJS.Timeout | null = null;
  let asked = 0;
  let texts = 0;

  function acknowledge(message: Pick<Message, "id" | "seq" | "user_id" | "client_id">): void {
    if (message.user_id !== identity.id || !message.client_id) return;
    const sent = ledger.named(identity.id, message.client_id);
    if (sent) ledger.acknowledge(sent, message);
  }

  function watchSocket(label: string): (frame: ServerFrame | null) => void {
    const who = `${roomId} ${name} socket ${label}`;
    const watch = createFrameWatch({
      lostFrames: () => options.lostFrames(label),
      onBroken: (rule, detail) => ledger.incident({ rule, who, detail }),
    });
    return (frame) => {
      if (frame === null) {
        ledger.incident({ rule: "unreadable frame", who, detail: "it is not JSON" });
        return;
      }
      watch.see(frame);
      options.trace("frame", { label, told: brief(frame) });
      if (frame.type === "message") acknowledge(frame);
    };
  }

  function open(): void {
    reloading = null;
    const room = openRoom({
      url,
      api,
      token,
      roomId,
      userId: identity.id,
      WebSocket,
      outbox,
      random: options.random,
    });
    client = room;
    room.subscribe(() => noteState(room));
  }

  function noteState(room: RoomClient): void {
    if (room !== client) return;
    const { messages, pending, status } = room.state;
    const tail = messages.slice(-TAIL);
    for (const [index, { seq }] of tail.entries()) {
      const before = tail[index - 1]?.seq ?? 0;
      if (seq <= before) {
        const detail = `${seq} stands after ${before}`;
        ledger.incident({ rule: "view differs", who: `${roomId} ${name}`, detail });
      }
    }
    for (const { client_id, status, failure } of pending) {
      const sent = status === "failed" ? ledger.named(identity.id, client_id) : undefined;
      if (!sent || sent.outcome === "refused") continue;
      sent.outcome = "refused";
      ledger.incident({
        rule: "refused",
        who: `${roomId} ${name}`,
        detail: `${client_id}: ${failure?.code}`,
      });
    }
    const newest = messages.at(-1)?.seq ?? 0;
    ledger.noteHead(roomId, newest);
    onState(newest, status === "live" || status === "polling");
  }

  function send(room: RoomClient, count: number, padding: number): void {
    for (let i = 0; i < count; i++) {
      const content = text(padding);
      const clientId = room.send(content);
      ledger.send({ room: roomId, author: identity.id, lane: name, content, clientId });
    }
  }

  /** A text that no other is equal to. */
  function text(padding: number): string {
    texts += 1;
    return `${name} says ${texts} ${"x".repeat(padding)}`;
  }

  /** Runs a change; what a retry could mend may have happened. */
  function change(what: Omit<AskedChange, "outcome" | "room" | "user">, run: () => Promise<Message>): void {
    asked += 1;
    const attempt = async (): Promise<Outcome> => {
      try {
        await run();
        return "acknowledged";
      } catch (error) {
        const isRefusal = error instanceof ParlorError && !errorEntry(error.code).retry;
        return isRefusal ? "refused" : "unknown";
      } finally {
        asked -= 1;
      }
    };
    void ledger.change({ ...what, room: roomId, user: identity.id }, attempt);
  }

  function changeMessage(room: RoomClient, action: Extract<Action, { choice: number }>): void {
    const living = room.state.messages.filter(({ deleted_at }) => deleted_at === null);
    const isOwnOnly = action.kind === "edit" || action.kind === "delete";
    const candidates = isOwnOnly ? living.filter(({ user_id }) => user_id === identity.id) : living;
    const messageId = candidates.at(-1 - (action.choice % Math.max(1, candidates.length)))?.id;
    // One change at a time, as a person does: then the newest acknowledged one is the newest.
    if (messageId === undefined || asked > 0) return;
    if (action.kind === "edit") {
      const value = text(action.padding);
      change({ messageId, field: "content", value }, () => room.edit(messageId, value));
    } else if (action.kind === "delete") {
      change({ messageId, field: "deleted", value: "yes" }, () => room.remove(messageId));
    } else {
      const { kind, emoji } = action;
      const value = kind === "react" ? "yes" : "no";
      change({ messageId, field: `reaction ${emoji}`, value }, () => room[kind](messageId, emoji));
    }
  }

  function isIdle(): boolean {
    return client !== null && asked === 0 && client.state.loaded && client.state.pending.length === 0;
  }

  async function rename(displayName: string): Promise<void> {
    const input = { params: { user_id: identity.id }, body: { display_name: displayName } };
    await api.call("updateProfile", input).catch(() => {});
  }

  return {
    name,
    room: roomId,
    isMeasured: true,
    open,

    act(action) {
      if (!client) return;
      const room = client;
      switch (action.kind) {
        case "send":
          return send(room, action.count, action.padding);
        case "post":
          return send(room, 1, action.padding);
        case "edit":
        case "delete":
        case "react":
        case "unreact":
          return changeMessage(room, action);
        case "rename":
          return void rename(action.name);
        case "typing":
          return room.setTyping(true);
        case "older":
          return void room.loadOlder().catch(() => {});
        case "reload":
          room.close();
          client = null;
          reloading = setTimeout(open, action.after);
      }
    },

    isIdle,

    async view(): Promise<View> {
      const state = client?.state;
      if (isIdle()) ledger.emptied(name);
      if (!state) throw new Error(`${name} is closed`);
      return {
        name,
        room: roomId,
        from: state.hasOlder ? (state.messages[0]?.seq ?? Number.POSITIVE_INFINITY) : 0,
        rows: state.messages.map(toRow),
        names: new Map([...state.profiles].map(([id, { username }]) => [id, username])),
      };
    },

    live: () => [],

    close() {
      if (reloading) clearTimeout(reloading);
      client?.close();
      client = null;
    },
  };
}
