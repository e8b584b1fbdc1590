import type { Message, ServerFrame } from "@parlor/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acts, ascending, at, createLog, NOW, post, ROOM, seen } from "../test/support/room-log.js";
import { emptyModel, type RoomModel } from "./model.js";
import { applyChanges, applyFrame, expireTyping, TYPING_EXPIRY } from "./state.js";
import { applyFreshPage, applyOlderPage } from "./window.js";

describe("state from frames equals a fresh fetch", () => {
  test("frames in any order, any of them twice, mixed with pages of any age", () => {
    fc.assert(
      fc.property(
        acts,
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat()),
        (list, opened, limit, noise) => {
          const log = createLog(list);
          const openedAt = opened % (log.head + 1);
          const start = applyFreshPage(emptyModel(ROOM, "me"), log.newest(openedAt, limit));
          const pages = noise.map(
            (pick) => log.after(pick % (log.head + 1), pick % 7, 1 + (pick % 9)).messages,
          );
          const steps: ((model: RoomModel) => RoomModel)[] = [
            ...log.frames.map((frame) => (model: RoomModel) => applyFrame(model, frame, NOW)),
            ...pages.map(
              (messages) => (model: RoomModel) => applyChanges(model, { messages, nextAfter: 0, epoch: "e" }),
            ),
          ];
          const order = shuffled([...steps, ...steps], noise);
          const end = order.reduce((model, step) => step(model), start);
          const floor = start.hasOlder ? (start.messages[0]?.seq ?? 0) : 0;
          const fresh = log.newest(log.head, 1_000).messages.filter(({ seq }) => seq >= floor);
          expect(seen(end)).toEqual(fresh.map(({ seq, content }) => `${seq}:${content}`));
          expect(ascending(end)).toBe(true);
          expect(end.cursor).toBe(log.head);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("paging to the top beside live changes gives the whole room", () => {
    fc.assert(
      fc.property(acts, fc.nat(), fc.integer({ min: 1, max: 8 }), fc.nat(4), (list, opened, limit, lag) => {
        const log = createLog(list);
        let head = opened % (log.head + 1);
        let model = applyFreshPage(emptyModel(ROOM, "me"), log.newest(head, limit));
        const live = (count: number) => {
          for (; count > 0 && head < log.head; count -= 1) {
            const frame = log.frames[head];
            head += 1;
            if (frame) model = applyFrame(model, frame, NOW);
          }
        };
        while (model.hasOlder) {
          // The page is read now and arrives after some changes were already shown.
          const page = log.before(head, model.messages[0]?.seq ?? 0, limit);
          live(lag);
          model = applyOlderPage(model, page);
        }
        live(log.head);
        const fresh = log.newest(log.head, 1_000).messages;
        expect(seen(model)).toEqual(fresh.map(({ seq, content }) => `${seq}:${content}`));
        expect(ascending(model)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("a resume that breaks off anywhere loses nothing", () => {
    fc.assert(
      fc.property(acts, fc.array(fc.record({ grow: fc.nat(8), take: fc.nat(6) })), (list, cuts) => {
        const log = createLog(list);
        let model = applyFreshPage(emptyModel(ROOM, "me"), log.newest(0, 50));
        let head = 0;
        for (const { grow, take } of [...cuts, { grow: log.head, take: log.head }]) {
          head = Math.min(log.head, head + grow);
          // The replay: what changed after the cursor, each message once, cut after some frames.
          for (const message of log.after(head, model.cursor, 1_000).messages.slice(0, take)) {
            model = applyFrame(model, replayed(message, model.cursor), NOW);
          }
        }
        model = applyFrame(model, { type: "synced", room_id: ROOM, head_seq: log.head, count: 0 }, NOW);
        const fresh = log.newest(log.head, 1_000).messages;
        expect(seen(model)).toEqual(fresh.map(({ seq, content }) => `${seq}:${content}`));
      }),
      { numRuns: 300 },
    );
  });
});

describe("structural sharing", () => {
  test("what is known already changes nothing at all", () => {
    const model = applyFreshPage(emptyModel(ROOM, "me"), {
      messages: [post(1)],
      nextAfter: 1,
      epoch: "e",
    });
    expect(applyFrame(model, post(1), NOW)).toBe(model);
    expect(applyChanges(model, { messages: [post(1)], nextAfter: 1, epoch: "e" })).toBe(model);
  });

  test("a new message keeps the old ones and the profiles", () => {
    const model = applyFreshPage(emptyModel(ROOM, "me"), {
      messages: [post(1)],
      nextAfter: 1,
      epoch: "e",
    });
    const next = applyFrame(model, post(4), NOW);
    expect(next.messages[0]).toBe(model.messages[0]);
    expect(next.profiles).toBe(model.profiles);
  });
});

describe("the rules around it", () => {
  const model = applyFreshPage(emptyModel(ROOM, "me"), {
    messages: [post(10), post(11)],
    nextAfter: 12,
    epoch: "e",
  });

  test("an update of a message below the loaded part only moves the cursor", () => {
    const message = post(5, { updated_seq: 13, content: "new" });
    const next = applyFrame(model, { type: "message_updated", room_id: ROOM, message }, NOW);
    expect(next.messages).toBe(model.messages);
    expect(next.cursor).toBe(13);
  });

  test("an update of an unknown message in the loaded part is inserted", () => {
    const message = post(12, { updated_seq: 13 });
    const next = applyFrame(model, { type: "message_updated", room_id: ROOM, message }, NOW);
    expect(next.messages.map(({ seq }) => seq)).toEqual([10, 11, 12]);
  });

  test("a repeat shows its message and leaves the cursor", () => {
    const next = applyFrame(model, { ...post(15), repeat: true }, NOW);
    expect(next.messages.at(-1)?.seq).toBe(15);
    expect(next.messages.at(-1)).not.toHaveProperty("repeat");
    expect(next.cursor).toBe(12);
  });

  test("a page of another life, or one that would leave a hole, changes nothing", () => {
    const page = { messages: [post(3)], nextAfter: 12, limit: 50 };
    expect(applyOlderPage(model, { ...page, before: 10, epoch: "other" })).toBe(model);
    expect(applyOlderPage(model, { ...page, before: 5, epoch: "e" })).toBe(model);
    expect(applyChanges(model, { ...page, epoch: "other" })).toBe(model);
  });

  test("typing ends with a stop, a message, a leave, and by itself", () => {
    const stamp = { room_id: ROOM, timestamp: at(0), user_id: "u1", username: "User 1" };
    const typing = applyFrame(model, { type: "typing_start", ...stamp }, NOW);
    expect(typing.typing).toEqual(["u1"]);
    expect(applyFrame(typing, { type: "typing_stop", ...stamp }, NOW).typing).toEqual([]);
    expect(applyFrame(typing, { type: "user_left", ...stamp, message: "" }, NOW).typing).toEqual([]);
    expect(applyFrame(typing, post(13), NOW).typing).toEqual([]);
    expect(expireTyping(typing, NOW + TYPING_EXPIRY - 1)).toBe(typing);
    expect(expireTyping(typing, NOW + TYPING_EXPIRY).typing).toEqual([]);
  });

  test("[USER10] the newest profile wins in any order, its status too", () => {
    const profile = (profile_rev: number) => ({
      type: "profile_updated" as const,
      room_id: ROOM,
      timestamp: at(0),
      user_id: "u9",
      username: `rev ${profile_rev}`,
      prevUsername: "",
      avatar: null,
      avatar_url: null,
      avatar_urls: null,
      bio: null,
      profile_rev,
      ...(profile_rev % 2 === 0 ? {} : { status_text: `at ${profile_rev}` }),
    });
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), (revisions) => {
        const end = revisions.reduce((state, rev) => applyFrame(state, profile(rev), NOW), model);
        const newest = Math.max(...revisions);
        expect(end.profiles.get("u9")?.username).toBe(`rev ${newest}`);
        expect(end.profiles.get("u9")?.status_text).toBe(newest % 2 === 0 ? undefined : `at ${newest}`);
      }),
    );
  });
});

/** How a replay tells a message in its newest state to a client whose cursor is `after`. */
function replayed(message: Message, after: number): ServerFrame {
  const { id, seq, updated_seq } = message;
  if (message.deleted_at !== null) return { type: "message_deleted", room_id: ROOM, id, seq, updated_seq };
  return seq > after ? message : { type: "message_updated", room_id: ROOM, message };
}

/** An order that the numbers decide, so that a failure can be shrunk and repeated. */
function shuffled<T>(list: readonly T[], by: readonly number[]): T[] {
  const keyed = list.map((item, index) => ({
    item,
    key: ((by[index % Math.max(1, by.length)] ?? 0) * 31 + index * 17) % 101,
  }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
