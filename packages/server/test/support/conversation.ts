import { setTimeout as pause } from "node:timers/promises";
import type { Message, ServerFrame } from "@parlor/protocol";
import {
  type Answer,
  makeGuest,
  makeRoom,
  openSocket,
  type Person,
  request,
  type Socket,
  until,
} from "./client.js";
import { type Known, knownOf } from "./participant.js";
import { numberOf } from "./room.js";

/** A message that the server has acknowledged. */
interface Acknowledged {
  readonly id: string;
  readonly room: string;
  readonly seq: number;
  readonly content: string;
}

/** People who write without a pause in some rooms, change what they wrote, and note each acknowledgement. */
export interface Conversation {
  readonly people: readonly Person[];
  readonly rooms: readonly string[];
  readonly acknowledged: Acknowledged[];
  /** The frames of a room's change log as an observer got them, from the first on. */
  logOf(room: string): readonly ServerFrame[];
  /** Lets everybody finish what is under way; the observers then have all of it. */
  stop(): Promise<void>;
}

/** Begins a conversation on a server. */
export async function startConversation(server: { url: string; wsUrl: string }): Promise<Conversation> {
  const people = await Promise.all(["ann", "ben", "cleo"].map((name) => makeGuest(server, name)));
  const rooms = [await makeRoom(server), await makeRoom(server)];
  const acknowledged: Acknowledged[] = [];
  const observer = await makeGuest(server, "observer");
  const observers = new Map<string, Socket>();
  for (const room of rooms) {
    const { id, cookie } = observer;
    observers.set(room, await openSocket(server, room, id, { cookie, query: { after: 0 } }));
  }
  let going = true;
  const writers = people.flatMap((person) =>
    rooms.map((room) => write(server, person, room, acknowledged, () => going)),
  );
  return {
    people,
    rooms,
    acknowledged,
    logOf: (room) => observers.get(room)?.frames ?? [],
    async stop() {
      going = false;
      await Promise.all(writers);
      for (const [room, socket] of observers) {
        // An answer may be there some milliseconds before the frames, which go out gathered.
        const { head } = await wholeHistory(server, room);
        await until(() => socket.frames.some((frame) => numberOf(frame) === head), "the last change");
        await socket.close();
      }
    },
  };
}

async function write(
  server: { url: string; wsUrl: string },
  person: Person,
  room: string,
  acknowledged: Acknowledged[],
  going: () => boolean,
): Promise<void> {
  const socket = await openSocket(server, room, person.id, { cookie: person.cookie, query: { after: 0 } });
  for (let n = 0; going(); n++) {
    const client_id = `${person.name}-${n}`;
    // What text formats tend to trip over: quotes, backslashes, line ends, other planes, all control characters.
    const content = `${client_id} "q" \\n \\\\ \n\t\u0001\u0002\u2028 \u{1f600} '${"x".repeat(n % 50)}'`;
    socket.send({ content, client_id });
    const { id, seq } = await socket.next("message", (frame) => frame.client_id === client_id);
    acknowledged.push({ id, room, seq, content });
    // People pause too: a pace, not a wait for anything.
    await pause(10);
    const path = `/rooms/${room}/messages/${id}`;
    const options = { cookie: person.cookie };
    const body = { user_id: person.id };
    if (n % 3 === 0) await sure(request(server, "PUT", `${path}/reactions/a`, { ...options, body }));
    if (n % 5 === 0)
      await sure(request(server, "PATCH", path, { ...options, body: { ...body, content: `${content}!` } }));
    if (n % 7 === 0) await sure(request(server, "DELETE", `${path}?user_id=${person.id}`, options));
  }
  await socket.close();
}

async function sure(answer: Promise<Answer>): Promise<void> {
  const { status, text } = await answer;
  if (status !== 200) throw new Error(`refused: ${status} ${text}`);
}

/** A room's whole history, tombstones too, as states by id, and the cursor that belongs to it. */
export async function wholeHistory(
  server: { url: string },
  room: string,
): Promise<{ states: Map<string, Known>; messages: Message[]; head: number; epoch: string }> {
  const messages: Message[] = [];
  for (let before = 2 ** 31; ; before = messages[0]?.seq ?? 0) {
    const page = await request(server, "GET", `/rooms/${room}/messages?before=${before}&limit=1000`);
    if (page.status !== 200) throw new Error(`no history: ${page.text}`);
    if (page.json.length === 0) {
      const head = Number(page.headers.get("x-next-after"));
      const states = new Map(messages.map((message) => [message.id, knownOf(message)]));
      return { states, messages, head, epoch: page.headers.get("x-epoch") ?? "" };
    }
    messages.unshift(...page.json);
  }
}

/** The state that the first `head` entries of a change log build up. */
export function stateAt(frames: readonly ServerFrame[], head: number): Map<string, Known> {
  const states = new Map<string, Known>();
  for (const frame of frames) {
    const number = numberOf(frame);
    if (number === null || number > head) continue;
    if (frame.type === "message") states.set(frame.id, knownOf(frame));
    if (frame.type === "message_updated") states.set(frame.message.id, knownOf(frame.message));
    if (frame.type === "message_deleted") {
      const { seq, updated_seq } = frame;
      states.set(frame.id, { seq, updated_seq, content: "", deleted: true, reactions: "[]" });
    }
  }
  return states;
}
