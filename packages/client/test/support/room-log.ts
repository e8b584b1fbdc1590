import type { Message, ServerFrame } from "@parlor/protocol";
import fc from "fast-check";
import type { MessagePage } from "../../src/api.js";
import type { RoomModel } from "../../src/model.js";

/** When the room begins, milliseconds since 1970. */
export const NOW = 1_700_000_000_000;
/** Its id. */
export const ROOM = "lobby";

/** What happens in a room: a new message, an edit or a deletion of one of those that exist. */
export type Act = { readonly kind: "post" | "edit" | "remove"; readonly pick: number };

/** A room as the server keeps it: every state that it ever had can be read. */
export function createLog(acts: readonly Act[]) {
  const states: Message[][] = [[]];
  const frames: ServerFrame[] = [];
  for (const { kind, pick } of acts) {
    const now = states.at(-1) ?? [];
    const number = frames.length + 1;
    const alive = now.filter(({ deleted_at }) => deleted_at === null);
    const target = alive[pick % Math.max(1, alive.length)];
    if (kind === "post" || !target) {
      const message = post(number);
      states.push([...now, message]);
      frames.push(message);
    } else if (kind === "edit") {
      const message = {
        ...target,
        content: `${target.content}*`,
        updated_seq: number,
        edited_at: at(number),
      };
      states.push(now.map((known) => (known.id === target.id ? message : known)));
      frames.push({ type: "message_updated", room_id: ROOM, message });
    } else {
      const { id, seq } = target;
      const message = { ...target, content: "", reactions: [], updated_seq: number, deleted_at: at(number) };
      states.push(now.map((known) => (known.id === id ? message : known)));
      frames.push({ type: "message_deleted", room_id: ROOM, id, seq, updated_seq: number });
    }
  }
  const stateAt = (head: number) => states[Math.min(head, states.length - 1)] ?? [];
  return {
    stateAt,
    head: frames.length,
    frames,
    newest(head: number, limit: number): MessagePage {
      const alive = stateAt(head).filter(({ deleted_at }) => deleted_at === null);
      return { messages: alive.slice(-limit), nextAfter: head, epoch: "e" };
    },
    before(head: number, before: number, limit: number) {
      const rows = stateAt(head).filter(({ seq }) => seq < before);
      return { messages: rows.slice(-limit), nextAfter: head, epoch: "e", before };
    },
    from(head: number, from: number, limit: number) {
      const rows = stateAt(head).filter(({ seq }) => seq >= from);
      return { messages: rows.slice(0, limit), nextAfter: head, epoch: "e", from };
    },
    around(head: number, around: number, limit: number): MessagePage {
      const rows = stateAt(head);
      const half = Math.floor(limit / 2);
      const earlier = rows.filter(({ seq }) => seq < around).slice(-half);
      const later = rows.filter(({ seq }) => seq >= around).slice(0, limit - half);
      return { messages: [...(half > 0 ? earlier : []), ...later], nextAfter: head, epoch: "e" };
    },
    after(head: number, after: number, limit: number): MessagePage {
      const rows = stateAt(head)
        .filter(({ updated_seq }) => updated_seq > after)
        .sort((a, b) => a.updated_seq - b.updated_seq)
        .slice(0, limit);
      const nextAfter = rows.length === limit ? (rows.at(-1)?.updated_seq ?? head) : head;
      return { messages: rows, nextAfter, epoch: "e" };
    },
  };
}

/** A moment in the life of the room. */
export const at = (number: number) => new Date(NOW + number).toISOString();

/** A message. */
export function post(seq: number, fields: Partial<Message> = {}): Message {
  const author = { user_id: `u${seq % 3}`, username: `User ${seq % 3}`, avatar: null, avatar_url: null };
  const marks = { seq, updated_seq: seq, profile_rev: 1, reactions: [], edited_at: null, deleted_at: null };
  return {
    type: "message",
    id: `m${seq}`,
    room_id: ROOM,
    ...author,
    content: `${seq}`,
    timestamp: at(seq),
    ...marks,
    ...fields,
  };
}

/** What a person sees. */
export const seen = (model: RoomModel) =>
  model.messages
    .filter(({ deleted_at }) => deleted_at === null)
    .map(({ seq, content }) => `${seq}:${content}`);

/** Whether the messages are in their order, each once. */
export const ascending = (model: RoomModel) =>
  model.messages.every(({ seq }, index) => index === 0 || seq > (model.messages[index - 1]?.seq ?? 0));

/** Any life of a room. */
export const acts = fc.array(
  fc.record({ kind: fc.constantFrom<Act["kind"]>("post", "post", "edit", "remove"), pick: fc.nat() }),
  { minLength: 1, maxLength: 60 },
);
