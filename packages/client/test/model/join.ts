import type { Message, ServerFrame } from "@parlor/protocol";
import { emptyModel, type RoomModel } from "../../src/model.js";
import { applyChanges, applyFrame, applyReplayed, numberOf } from "../../src/state.js";
import { applyFreshPage } from "../../src/window.js";
import type { Machine } from "./explore.js";

/**
 * The way into a room with a cursor, while somebody writes: the server's hub, replay and connection, the network, and the
 * client's inbox with its real reducers. A step is what runs without a wait between; its name begins with the function
 * that it stands for.
 */

/** What somebody writes, in order: the change with number n is the n-th. */
type Act = { readonly kind: "new" } | { readonly kind: "edit" | "delete"; readonly of: number };

/** Known faults of such systems, planted to see that the check finds them. */
export type JoinFault =
  | "none"
  | "live before the replay"
  | "subscribed after reading"
  | "held frames dropped"
  | "late frames repeated"
  | "missed log forgotten"
  | "published before the commit"
  | "cursor from welcome.head_seq"
  | "jump ignored"
  | "heartbeat ignored"
  | "repair without holding"
  | "page cursor read after the rows"
  | "lost synced not noticed"
  | "count ignored";

interface Options {
  readonly script: readonly Act[];
  readonly fault: JoinFault;
  readonly cuts: number;
  readonly losses: number;
  readonly heartbeats: number;
}

/** Rows of a page, and held frames: small, so that their ends are met. */
const PAGE = 2;
const HELD = 1;

interface Page {
  readonly messages: readonly Message[];
  readonly nextAfter: number;
}

interface Connection {
  /** Numbers of the held frames; `null` when live (`Connection.hold`, `.release`). */
  readonly held: readonly number[] | null;
  readonly missed: boolean;
  readonly covered: number;
  /** Whether the hub knows it. */
  readonly joined: boolean;
  /** Frames of the log that the replay has written. */
  readonly replayed: number;
  readonly replay:
    | { readonly at: "start" }
    | { readonly at: "head"; readonly after: number }
    | { readonly at: "rows"; readonly after: number; readonly head: number }
    | { readonly at: "end"; readonly after: number }
    | { readonly at: "done" };
}

interface World {
  /** Changes that are durable. */
  readonly head: number;
  readonly published: number;
  /** `Room.pending` of the hub: numbers, and 0 for a heartbeat with its head in `beats`. */
  readonly pending: readonly number[];
  readonly connection: Connection | null;
  readonly wire: readonly ServerFrame[];
  readonly model: RoomModel;
  readonly phase: "down" | "opening" | "replaying" | "live";
  /** Frames that the inbox holds while it repairs. */
  readonly waiting: readonly ServerFrame[];
  readonly repair: null | { readonly target: number; readonly page: Page | null };
  /** Frames of the log that came since `welcome`, as the inbox counts them. */
  readonly counted: number;
  /** The last live number on this connection's wire. */
  readonly told: number | null;
  readonly cuts: number;
  readonly losses: number;
  readonly heartbeats: number;
  readonly complaint: string | null;
}

const AT = "2026-01-01T00:00:00.000Z";
const ROOM = "lobby";

/** Makes the machine of one client, one room and one writer. */
export function joinMachine(options: Options): Machine<World> {
  const { script, fault } = options;

  const made = new Map<number, Message>();

  /** The message that a change is of, as it was when `upTo` changes were made. */
  function messageOf(seq: number, upTo: number): Message {
    const known = made.get(seq * 100 + upTo);
    if (known) return known;
    const message = makeMessage(seq, upTo);
    made.set(seq * 100 + upTo, message);
    return message;
  }

  function makeMessage(seq: number, upTo: number): Message {
    const author = { user_id: "bob", username: "bob", avatar: null, avatar_url: null, profile_rev: 1 };
    const base = { type: "message" as const, id: `m${seq}`, room_id: ROOM, timestamp: AT, client_id: null };
    let message: Message = {
      ...base,
      ...author,
      seq,
      updated_seq: seq,
      content: `v${seq}`,
      reactions: [],
      edited_at: null,
      deleted_at: null,
    };
    script.slice(0, upTo).forEach((act, index) => {
      if (act.kind === "new" || act.of !== seq) return;
      const updated_seq = index + 1;
      if (act.kind === "edit")
        message = { ...message, updated_seq, content: `v${updated_seq}`, edited_at: AT };
      else message = { ...message, updated_seq, content: "", deleted_at: AT };
    });
    return message;
  }

  const seqOf = (number: number): number => {
    const act = script[number - 1];
    return act && act.kind !== "new" ? act.of : number;
  };

  /** `changeFrame` of messages/service.ts. */
  function liveFrame(number: number): ServerFrame {
    const message = messageOf(seqOf(number), number);
    const { id, seq, updated_seq } = message;
    if (message.deleted_at !== null) return { type: "message_deleted", room_id: ROOM, id, seq, updated_seq };
    return seq === updated_seq ? message : { type: "message_updated", room_id: ROOM, message };
  }

  /** `replayFrame` of socket/replay.ts. */
  function replayFrame(message: Message, after: number): ServerFrame {
    const { id, seq, updated_seq } = message;
    if (message.deleted_at !== null) return { type: "message_deleted", room_id: ROOM, id, seq, updated_seq };
    return seq > after ? message : { type: "message_updated", room_id: ROOM, message };
  }

  /** The history when `head` changes were made. */
  function history(head: number): Message[] {
    return script
      .slice(0, head)
      .flatMap((act, index) => (act.kind === "new" ? [messageOf(index + 1, head)] : []));
  }

  function changedAfter(after: number, head: number): Message[] {
    return history(head)
      .filter((message) => message.updated_seq > after)
      .sort((a, b) => a.updated_seq - b.updated_seq)
      .slice(0, PAGE);
  }

  const beat = (head: number): ServerFrame => ({ type: "heartbeat", room_id: ROOM, head_seq: head });
  const heartbeatOf = (mark: number): ServerFrame | null => (mark < 0 ? beat(-mark - 1) : null);

  /** `writeToAll` of socket/hub.ts, for the one connection. */
  function flush(world: World): World {
    const { connection } = world;
    const empty = { ...world, pending: [] };
    if (!connection?.joined) return empty;
    if (connection.held === null) return world.pending.reduce(writeLive, empty);
    let { held, missed } = connection;
    for (const number of world.pending) {
      if (number >= 0 && held.length >= HELD) missed = true;
      else held = [...held, number];
    }
    return { ...empty, connection: { ...connection, held, missed } };
  }

  function writeLive(world: World, number: number): World {
    const { connection } = world;
    if (!connection) return world;
    const heartbeat = heartbeatOf(number);
    if (heartbeat) return { ...world, wire: [...world.wire, heartbeat] };
    if (number <= connection.covered && fault !== "late frames repeated") return world;
    // What WS3 and MSG3 promise of the wire itself: from `synced` on each number, once and in order.
    const complaint =
      world.told !== null && number !== world.told + 1
        ? `number ${number} follows ${world.told}`
        : world.complaint;
    return { ...world, complaint, told: number, wire: [...world.wire, liveFrame(number)] };
  }

  function* serverSteps(world: World): Generator<readonly [string, World]> {
    const { head, published, pending, connection } = world;
    if (head < script.length) yield ["append_messages / changeMessage: commit", { ...world, head: head + 1 }];
    const mayPublish = fault === "published before the commit" ? published < script.length : published < head;
    if (mayPublish) {
      const number = published + 1;
      const hears = connection?.joined === true;
      yield [
        "publish: hub.deliver",
        { ...world, published: number, pending: hears ? [...pending, number] : [] },
      ];
    }
    if (pending.length > 0) yield ["hub.flush", flush(world)];
    if (connection?.joined && world.heartbeats > 0) {
      const next = { ...world, heartbeats: world.heartbeats - 1, pending: [...pending, -head - 1] };
      yield ["startHeartbeats: beat", next];
    }
    if (connection) yield* replaySteps(world, connection);
  }

  function* replaySteps(world: World, connection: Connection): Generator<readonly [string, World]> {
    const { replay } = connection;
    const to = (next: Connection["replay"], wire: readonly ServerFrame[] = []): World => ({
      ...world,
      connection: {
        ...connection,
        replay: next,
        replayed: connection.replayed + wire.filter((frame) => numberOf(frame) !== null).length,
      },
      wire: [...world.wire, ...wire],
    });
    if (replay.at === "start") {
      const marks = {
        session_id: "s",
        epoch: "e",
        head_seq: world.head,
        reset: false,
        online: [],
        server_time: AT,
      };
      const profiles = { profiles_rev: 0, profiles: [], more_profiles: false, call: null };
      const welcome = { type: "welcome", room_id: ROOM, user_id: "alice", ...marks, ...profiles } as const;
      yield ["replay: historyVersion, welcome", to({ at: "head", after: world.model.cursor }, [welcome])];
    } else if (replay.at === "head") {
      yield ["changedAfter: historyVersion", to({ at: "rows", after: replay.after, head: world.head })];
    } else if (replay.at === "rows") {
      const page = readRows(replay.after, replay.head, world.head);
      const frames = page.messages.map((message) => replayFrame(message, replay.after));
      const isFull = page.messages.length >= PAGE;
      const count = connection.replayed + frames.length;
      if (isFull) frames.push({ type: "progress", room_id: ROOM, head_seq: page.nextAfter, count });
      yield [
        "changedAfter: messagesChangedAfter, send",
        to(isFull ? { at: "head", after: page.nextAfter } : { at: "end", after: page.nextAfter }, frames),
      ];
    } else if (replay.at === "end") {
      yield ["replay: flush, takeMissedLog, finish", finish(world, connection, replay.after)];
    }
  }

  function readRows(after: number, headBefore: number, headNow: number): Page {
    const messages = changedAfter(after, headNow);
    const last = messages.at(-1)?.updated_seq ?? 0;
    const head =
      fault === "page cursor read after the rows" ? Math.min(headNow + 1, script.length) : headBefore;
    return { messages, nextAfter: messages.length >= PAGE ? last : Math.max(last, head) };
  }

  function finish(before: World, old: Connection, after: number): World {
    let world = flush({ ...before, connection: { ...old } });
    let connection = world.connection as Connection;
    if (fault === "subscribed after reading") connection = { ...connection, joined: true };
    if (connection.missed && fault !== "missed log forgotten") {
      // Only what tells no number stays: the replay reads the rest.
      const held = (connection.held ?? []).filter((number) => number < 0);
      return { ...world, connection: { ...connection, held, missed: false, replay: { at: "head", after } } };
    }
    const held = fault === "held frames dropped" ? [] : (connection.held ?? []);
    const synced: ServerFrame = {
      type: "synced",
      room_id: ROOM,
      head_seq: after,
      count: connection.replayed,
    };
    connection = { ...connection, held: null, missed: false, covered: after, replay: { at: "done" } };
    world = { ...world, connection, told: after, wire: [...world.wire, synced] };
    return held.reduce(writeLive, world);
  }

  /** `resume` of socket/room-session.ts: held back first, then in the hub. */
  function connect(world: World): World {
    const held = fault === "live before the replay" ? null : [];
    const joined = fault !== "subscribed after reading";
    const marks = { missed: false, covered: 0, joined, replayed: 0 };
    return {
      ...world,
      phase: "opening",
      told: null,
      connection: { held, ...marks, replay: { at: "start" } },
    };
  }

  function* networkSteps(world: World): Generator<readonly [string, World]> {
    const { wire, connection } = world;
    if (!connection) {
      yield ["Link.#open: handshake, resume: hold, hub.join", connect(world)];
      return;
    }
    const [first, ...rest] = wire;
    if (first) yield [`Link.#receive: ${first.type}`, receive({ ...world, wire: rest }, first)];
    // A live number is missed by the next one or by a heartbeat, one of a replay by its count.
    if (first && canBeMissed(first) && world.losses > 0)
      yield [`lost on the way: ${first.type}`, { ...world, wire: rest, losses: world.losses - 1 }];
    if (world.cuts > 0) yield ["cut: Link.#ended, hub.leave", cut({ ...world, cuts: world.cuts - 1 })];
  }

  function cut(world: World): World {
    const quiet = {
      connection: null,
      wire: [],
      pending: [],
      waiting: [],
      repair: null,
      told: null,
      counted: 0,
    };
    return { ...world, ...quiet, phase: "down" };
  }

  /** `Link.#receive` and `createInbox`. */
  function receive(world: World, frame: ServerFrame): World {
    if (frame.type === "welcome") {
      const model = applyFrame(world.model, frame, 0);
      if (fault !== "cursor from welcome.head_seq") return { ...world, model, phase: "replaying" };
      return { ...world, model: { ...model, cursor: frame.head_seq }, phase: "replaying" };
    }
    const next = inbox(world, frame);
    return frame.type === "synced" && next.phase === "replaying" ? { ...next, phase: "live" } : next;
  }

  function inbox(world: World, frame: ServerFrame): World {
    const number = numberOf(frame);
    const live = world.phase === "live";
    if (frame.type === "heartbeat") {
      if (fault === "heartbeat ignored") return world;
      if (!live) return fault === "lost synced not noticed" ? world : cut(world);
      return frame.head_seq > world.model.cursor ? startRepair(world, frame.head_seq) : world;
    }
    if (world.phase === "replaying" && number !== null)
      return { ...world, counted: world.counted + 1, model: applyReplayed(world.model, [frame], 0) };
    const isCounted = frame.type === "progress" || frame.type === "synced";
    if (isCounted && fault !== "count ignored" && frame.count !== world.counted) return cut(world);
    const jumps = live && number !== null && number > world.model.cursor + 1 && fault !== "jump ignored";
    const holds = world.repair !== null ? fault !== "repair without holding" : jumps;
    if (number === null || !holds) return { ...world, model: applyFrame(world.model, frame, 0) };
    return startRepair({ ...world, waiting: [...world.waiting, frame] }, number - 1);
  }

  function startRepair(world: World, target: number): World {
    return world.repair ? world : { ...world, repair: { target, page: null } };
  }

  function* repairSteps(world: World): Generator<readonly [string, World]> {
    const { repair, model } = world;
    if (!repair) return;
    if (repair.page === null) {
      // A snapshot: what the two reads of the server could tell apart is in the replay's own steps.
      const page = readRows(model.cursor, world.head, world.head);
      yield ["inbox.fill: GET ?after", { ...world, repair: { ...repair, page } }];
      return;
    }
    const page = { messages: [...repair.page.messages], nextAfter: repair.page.nextAfter, epoch: "e" };
    const filled = { ...world, model: applyChanges(model, page) };
    if (filled.model.cursor < repair.target) {
      if (filled.model.cursor <= model.cursor) yield ["inbox.onLost: Link.restart", cut(filled)];
      else yield ["inbox.fill: applyPage", { ...filled, repair: { ...repair, page: null } }];
      return;
    }
    const released: World = { ...filled, repair: null, waiting: [] };
    yield ["inbox.release", world.waiting.reduce(inbox, released)];
  }

  /** [REL2] what changed last at or below the cursor is in the state, in its newest form. */
  function wrong(world: World): string | null {
    const { model, head } = world;
    if (world.complaint) return world.complaint;
    if (model.cursor > head) return `the cursor ${model.cursor} is beyond what is durable (${head})`;
    const shown = new Map(model.messages.map((message) => [message.seq, message.updated_seq]));
    if (shown.size !== model.messages.length) return "a message is shown twice";
    const ordered = model.messages.every(
      ({ seq }, index) => index === 0 || seq > (model.messages[index - 1]?.seq ?? 0),
    );
    if (!ordered) return "the messages are out of order";
    for (const message of model.messages)
      if (message.updated_seq > head) return "what is shown is not durable";
    for (const message of history(head)) {
      const known = shown.get(message.seq);
      // What changed after the cursor, a resume brings: also a message that was created before it and not seen yet.
      if (message.updated_seq > model.cursor) continue;
      // A message that was created and deleted out of sight was never shown: nothing is missing.
      if (message.deleted_at !== null && known === undefined) continue;
      if (known === undefined) return `message ${message.seq} is missing at cursor ${model.cursor}`;
      if (known < message.updated_seq) return `message ${message.seq} is old at cursor ${model.cursor}`;
    }
    return settled(world);
  }

  /** At rest, and with the next heartbeat heard, a client that is live has what a fresh fetch gives ([REL6], [REL10]). */
  function settled(world: World): string | null {
    const { head, published, pending, connection, wire, repair, model, phase } = world;
    const isQuiet = head === script.length && published === head && pending.length === 0 && wire.length === 0;
    if (!isQuiet || repair || connection?.replay.at !== "done") return null;
    const afterBeat = inbox(world, beat(head));
    if (afterBeat !== world) return null;
    if (phase !== "live") return "the replay has ended, and the client does not know";
    const fresh = history(head).filter(({ deleted_at }) => deleted_at === null);
    const shown = model.messages.filter(({ deleted_at }) => deleted_at === null);
    const same = JSON.stringify(shown.map(line)) === JSON.stringify(fresh.map(line));
    return same ? null : `at rest the client shows ${shown.map(line)} and the history is ${fresh.map(line)}`;
  }

  const opened = applyFreshPage(emptyModel(ROOM, "alice"), {
    messages: history(1),
    nextAfter: 1,
    epoch: "e",
  });
  const { cuts, losses, heartbeats } = options;
  const start: World = {
    head: 1,
    published: 1,
    pending: [],
    connection: null,
    wire: [],
    model: opened,
    phase: "down",
    waiting: [],
    repair: null,
    counted: 0,
    told: null,
    cuts,
    losses,
    heartbeats,
    complaint: null,
  };
  return {
    start,
    *steps(world) {
      yield* serverSteps(world);
      yield* networkSteps(world);
      yield* repairSteps(world);
    },
    wrong,
    keyOf,
  };
}

/** What the client must notice the loss of. */
function canBeMissed(frame: ServerFrame): boolean {
  return frame.type === "synced" || frame.type === "progress" || numberOf(frame) !== null;
}

function line({ seq, updated_seq }: Message): string {
  return `${seq}@${updated_seq}`;
}

const LETTERS: Readonly<Record<string, string>> = {
  heartbeat: "h",
  synced: "s",
  progress: "p",
  welcome: "w",
  message: "m",
  message_updated: "u",
  message_deleted: "d",
};

function shortOf(frame: ServerFrame): string {
  const number = "head_seq" in frame ? frame.head_seq : numberOf(frame);
  return `${LETTERS[frame.type]}${number}${"count" in frame ? `/${frame.count}` : ""}`;
}

function shortOfConnection(connection: Connection | null): string {
  if (!connection) return "-";
  const { held, missed, covered, joined, replayed, replay } = connection;
  const after = "after" in replay ? replay.after : "";
  const head = "head" in replay ? replay.head : "";
  return `${held ?? "live"};${missed};${covered};${joined};${replayed};${replay.at}${after},${head}`;
}

/** By hand: most of the time of a search goes into keys. */
function keyOf(world: World): string {
  const { model, repair } = world;
  let key = `${world.head}|${world.published}|${world.pending}|${world.phase}${world.counted}|${world.told}|${world.complaint}|`;
  key += `${world.cuts}${world.losses}${world.heartbeats}|${shortOfConnection(world.connection)}|${model.cursor}|`;
  for (const frame of world.wire) key += shortOf(frame);
  key += "|";
  for (const message of model.messages) key += `${line(message)}${message.deleted_at ? "x" : ""},`;
  for (const stray of model.strays.values()) key += `~${stray.seq}@${stray.updated_seq}`;
  key += "|";
  for (const frame of world.waiting) key += shortOf(frame);
  if (repair) key += `|${repair.target}:${repair.page?.nextAfter}${repair.page?.messages.map(line)}`;
  return key;
}
