import type { MessagePreview, NotificationLevel, RoomSummary, ServerFrame } from "@parlor/protocol";
import type { Clock } from "../../src/clock.js";
import type { WebSocketLike } from "../../src/socket.js";

/** As the server gathers what it tells an inbox. */
const GATHER_FOR = 250;

interface Line {
  readonly preview: MessagePreview;
  readonly mentions: boolean;
  isDeleted: boolean;
}

/**
 * The server's side of alice's inbox, with one room, over a network that delays each thing for its own time: frames keep
 * their order, as on a socket; requests and their answers overtake them and each other.
 */
export function createSlowInbox(
  clock: Clock,
  options: {
    /** Milliseconds that one thing after the other is on its way, from the start again after the last. */
    readonly ways: readonly number[];
    /** Whether the room tells no text. */
    readonly isSecret: boolean;
  },
) {
  const { ways, isSecret } = options;
  let lines: Line[] = [];
  let head = 0;
  let read = 0;
  let level: NotificationLevel = "all";
  let isMember = true;
  let gathered: { after: number; messages: Line[] } | null = null;
  let turn = 0;
  const sockets = new Set<SlowSocket>();

  function delay(): number {
    turn += 1;
    return ways[turn % ways.length] ?? 0;
  }

  function wait(): Promise<void> {
    return new Promise((resolve) => {
      clock.after(delay(), resolve);
    });
  }

  function summary(): RoomSummary {
    const unread = lines.filter(
      ({ preview, isDeleted }) => preview.seq > read && preview.user_id !== "alice" && !isDeleted,
    );
    const last_message = lines.findLast(({ isDeleted }) => !isDeleted)?.preview ?? null;
    return {
      id: "kitchen",
      kind: "room",
      name: "kitchen",
      thumbnail_url: null,
      privacy: "public",
      created_by: null,
      host: null,
      host_proven: false,
      other: null,
      memberCount: 2,
      onlineCount: 0,
      joined_at: "2026-01-01T00:00:00.000Z",
      epoch: "e1",
      head_seq: head,
      read_seq: read,
      unread: unread.length,
      mentions: unread.filter(({ mentions }) => mentions).length,
      last_message,
      level,
    };
  }

  function list(): RoomSummary[] {
    return isMember ? [summary()] : [];
  }

  function tell(frame: ServerFrame): void {
    for (const socket of sockets) socket.deliver(frame);
  }

  /** Tells of a change of the log, gathered; a line only where it is new. */
  function gather(line: Line | null): void {
    if (!isMember) return;
    if (!gathered) {
      const own: { after: number; messages: Line[] } = { after: head - 1, messages: [] };
      gathered = own;
      clock.after(GATHER_FOR, () => {
        if (gathered === own) gathered = null;
        if (!isMember) return;
        const others = own.messages.filter(({ preview }) => preview.user_id !== "alice");
        const last = own.messages.at(-1);
        const mention = others.findLast(({ mentions }) => mentions);
        tell({
          type: "room_activity",
          room_id: "kitchen",
          head_seq: head,
          after_seq: own.after,
          messages: others.length,
          last_message: isSecret ? null : (last?.preview ?? null),
          mentions_me: mention !== undefined,
          ...(mention && mention !== last && !isSecret ? { mention: mention.preview } : {}),
        });
      });
    }
    if (line) gathered.messages.push(line);
  }

  function post(user_id: string, mentions = false): void {
    head += 1;
    const preview = {
      id: `m${head}`,
      seq: head,
      user_id,
      username: user_id,
      content: `line ${head}`,
      timestamp: new Date(Date.UTC(2026, 1, 1) + head * 1_000).toISOString(),
      attachment: null,
      about: null,
    };
    const line = { preview, mentions, isDeleted: false };
    lines.push(line);
    gather(line);
  }

  /** Changes the message with this number, where there is one. */
  function change(seq: number, make: (line: Line) => Line): void {
    const place = lines.findIndex(({ preview, isDeleted }) => preview.seq === seq && !isDeleted);
    const line = lines[place];
    if (!line) return;
    head += 1;
    // What is gathered already is told as it was written.
    lines = lines.with(place, make(line));
    gather(null);
  }

  function moveCursor(seq: number): void {
    const wanted = Math.min(seq, head);
    if (!isMember || wanted <= read) return;
    read = wanted;
    tell({ type: "room_read", room_id: "kitchen", read_seq: read });
  }

  function setLevel(to: NotificationLevel): void {
    level = to;
    tell({ type: "room_level", room_id: "kitchen", level });
  }

  function setMember(to: boolean): void {
    if (to === isMember) return;
    isMember = to;
    if (isMember) read = head;
    else gathered = null;
    tell({ type: isMember ? "room_added" : "room_removed", room_id: "kitchen" });
  }

  function answer(url: URL, init: RequestInit): Response {
    if (init.method === "GET") return Response.json(list());
    if (!isMember) return Response.json({ detail: "", code: "forbidden" }, { status: 403 });
    const body = JSON.parse(String(init.body));
    if (url.pathname.endsWith("/notifications")) {
      setLevel(body.level);
      return new Response(null, { status: 204 });
    }
    moveCursor(body.seq);
    const { head_seq, read_seq, unread, mentions } = summary();
    return Response.json({ room_id: "kitchen", head_seq, read_seq, unread, mentions });
  }

  class SlowSocket implements WebSocketLike {
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readyState = 1;
    #arrives = 0;
    constructor() {
      clock.after(delay(), () => {
        if (this.readyState !== 1) return;
        sockets.add(this);
        this.deliver({ type: "inbox_ready", user_id: "alice", server_time: "2026-01-01T00:00:00.000Z" });
      });
    }
    deliver(frame: ServerFrame): void {
      this.#arrives = Math.max(this.#arrives, clock.now() + delay());
      clock.after(this.#arrives - clock.now(), () => {
        if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) } as never);
      });
    }
    send(): void {
      this.deliver({ type: "pong" });
    }
    close(): void {
      this.readyState = 3;
      sockets.delete(this);
    }
    end(): void {
      this.close();
      this.onclose?.({ code: 1006, reason: "" } as never);
    }
  }

  return {
    WebSocket: SlowSocket,
    list,
    post,
    read: moveCursor,
    setLevel,
    setMember,
    head: () => head,
    edit(seq: number): void {
      change(seq, ({ preview, ...line }) => ({
        ...line,
        preview: { ...preview, content: `${preview.content}*` },
      }));
    },
    remove(seq: number): void {
      change(seq, (line) => ({ ...line, isDeleted: true }));
    },
    cut(): void {
      for (const socket of [...sockets]) socket.end();
    },
    async fetch(input: string, init: RequestInit): Promise<Response> {
      await wait();
      const made = answer(new URL(input), init);
      await wait();
      return made;
    },
  };
}
