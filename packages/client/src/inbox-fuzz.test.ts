import fc from "fast-check";
import { expect, test } from "vitest";
import { createFakeClock } from "../test/support/fake-clock.js";
import { createSlowInbox } from "../test/support/slow-inbox.js";
import { createApi } from "./api.js";
import { openInbox } from "./user-inbox.js";

const kinds = [
  "bob writes",
  "bob writes",
  "bob mentions",
  "alice writes",
  "edit",
  "remove",
  "read here",
  "read here",
  "read elsewhere",
  "read elsewhere",
  "level here",
  "level elsewhere",
  "leave elsewhere",
  "join elsewhere",
  "refresh",
  "cut",
] as const;

/** What happens, to which message counted from the newest, and how long after what happened before. */
const step = fc.record({
  kind: fc.constantFrom(...kinds),
  back: fc.oneof(fc.constant(0), fc.nat(2)),
  after: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(2_000)),
});

/** How long what goes over the network is on its way; each takes the next of them. */
const delays = fc.array(fc.oneof(fc.nat(20), fc.nat(1_500)), { minLength: 1, maxLength: 12 });

test("[INBOX5] a room of the list is what the server says of it, however frames and answers overtook each other", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 14 }),
      delays,
      fc.boolean(),
      async (steps, ways, isSecret) => {
        const time = createFakeClock();
        const server = createSlowInbox(time.clock, { ways, isSecret });
        const api = createApi({ url: "http://parlor.test", fetch: server.fetch as typeof fetch });
        const base = { url: api.url, api, userId: "alice", clock: time.clock, random: () => 0.5 };
        const inbox = openInbox({ ...base, WebSocket: server.WebSocket });
        await time.until(() => inbox.state.status === "live");
        for (const { kind, back, after } of steps) {
          await time.pass(after);
          const target = server.head() - back;
          if (kind === "bob writes") server.post("bob");
          else if (kind === "bob mentions") server.post("bob", true);
          else if (kind === "alice writes") server.post("alice");
          else if (kind === "edit") server.edit(target);
          else if (kind === "remove") server.remove(target);
          else if (kind === "read here") inbox.markRead("kitchen", target);
          else if (kind === "read elsewhere") server.read(target);
          else if (kind === "level here") void inbox.setLevel("kitchen", "mentions").catch(() => {});
          else if (kind === "level elsewhere") server.setLevel("none");
          else if (kind === "leave elsewhere") server.setMember(false);
          else if (kind === "join elsewhere") server.setMember(true);
          else if (kind === "refresh") inbox.refresh();
          else server.cut();
        }
        await time.until(() => inbox.state.status === "live");
        await time.pass(30_000);
        expect(inbox.state.rooms).toEqual(server.list());
        inbox.close();
      },
    ),
    { numRuns: 500, seed: 3 },
  );
}, 120_000);
