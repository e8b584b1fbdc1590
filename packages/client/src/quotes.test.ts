import type { Message, ServerFrame } from "@parlor/protocol";
import { expect, test } from "vitest";
import { emptyModel, type RoomModel } from "./model.js";
import { applyChanges, applyFrame } from "./state.js";

const AT = "2026-01-01T00:00:00.000Z";

function message(seq: number, fields: Partial<Message> = {}): Message {
  const author = { user_id: "bob", username: "Bob", avatar: null, avatar_url: null, profile_rev: 1 };
  const marks = { updated_seq: seq, reactions: [], edited_at: null, deleted_at: null };
  const base = { type: "message" as const, id: `m${seq}`, room_id: "lobby", content: `text ${seq}` };
  return { ...base, ...author, ...marks, seq, timestamp: AT, ...fields };
}

const quote = { id: "m1", seq: 1, updated_seq: 1, user_id: "bob", username: "Bob", content: "text 1" };
const original = message(1);
const answer = message(2, { reply_to: { ...quote, deleted: false } });
const edited = message(1, { updated_seq: 3, content: `${"x".repeat(199)}😀`, edited_at: AT });
const update = (one: Message): ServerFrame => ({ type: "message_updated", room_id: "lobby", message: one });
const deletion: ServerFrame = { type: "message_deleted", room_id: "lobby", id: "m1", seq: 1, updated_seq: 4 };

function after(frames: readonly ServerFrame[], start: RoomModel = emptyModel("lobby", "me")): RoomModel {
  return frames.reduce((model, frame) => applyFrame(model, frame, 0), start);
}
const quoteIn = (model: RoomModel) => model.messages.find(({ id }) => id === "m2")?.reply_to;

test("a quote follows the edits of its original, cut as the server cuts it", () => {
  const model = after([original, answer, update(edited)]);
  expect(quoteIn(model)).toMatchObject({ content: "x".repeat(199), updated_seq: 3, deleted: false });
});

test("a quote loses its text with its original, in any order of the frames", () => {
  const frames = [original, answer, update(edited), deletion];
  const orders = [frames, [...frames].reverse(), [deletion, original, answer], [deletion, answer]];
  for (const order of orders) {
    expect(quoteIn(after(order))).toMatchObject({ content: "", updated_seq: 4, deleted: true });
  }
});

test("the deletion of an original that was never loaded reaches its quotes, over polling too", () => {
  const page = { messages: [answer], nextAfter: 2, epoch: "e" };
  const opened = applyChanges({ ...emptyModel("lobby", "me"), epoch: "e" }, page);
  expect(quoteIn(after([deletion], opened))).toMatchObject({ content: "", deleted: true });
  const gone = message(1, { content: "", deleted_at: AT, updated_seq: 4 });
  const polled = applyChanges(opened, { messages: [gone], nextAfter: 4, epoch: "e" });
  expect(quoteIn(polled)).toMatchObject({ content: "", deleted: true });
});

test("a newer quote is not set back by an older copy of its original", () => {
  const fresh = message(2, { reply_to: { ...quote, updated_seq: 4, content: "", deleted: true } });
  const model = after([update(edited), fresh]);
  expect(quoteIn(model)).toMatchObject({ content: "", updated_seq: 4, deleted: true });
});

test("a deleted answer keeps nothing of what it had", () => {
  const full = message(1, {
    reply_to: { ...quote, id: "m0", deleted: false },
    mentions: ["me"],
    mentions_room: true,
    pinned_at: AT,
    pinned_by: "bob",
    attachments: [],
  });
  const [left] = after([full, deletion]).messages;
  for (const field of ["reply_to", "mentions", "mentions_room", "pinned_at", "pinned_by", "attachments"])
    expect(left).not.toHaveProperty(field);
});
