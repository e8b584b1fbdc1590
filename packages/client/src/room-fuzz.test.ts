import fc from "fast-check";
import { expect, test } from "vitest";
import { createFakeClock } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createApi } from "./api.js";
import { openRoom } from "./room.js";

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("post" as const) },
  { weight: 4, arbitrary: fc.constant("send" as const) },
  fc.constantFrom(
    "edit" as const,
    "remove" as const,
    "cut" as const,
    "down" as const,
    "up" as const,
    "refuse sockets" as const,
    "take sockets" as const,
    "lose frames" as const,
    "lose an acknowledgement" as const,
    "load older" as const,
    "load newer" as const,
    "jump" as const,
    "to the newest" as const,
    "heartbeat" as const,
    "a second" as const,
    "a minute" as const,
  ),
);

test("state equals a fresh fetch and each own message is there once, in order, after any trouble", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(80), async (steps, history) => {
      const server = createFakeServer();
      for (let count = 0; count < history; count += 1) server.post("bob", `old ${count}`);
      const time = createFakeClock();
      const api = createApi({ url: "http://parlor.test", fetch: server.fetch });
      const shared = { api, url: api.url, clock: time.clock, random: () => 0.5, WebSocket: server.WebSocket };
      const room = openRoom({ ...shared, roomId: "lobby", userId: "alice" });
      const sent: string[] = [];
      let tick = 0;
      for (const kind of steps) {
        tick += 1;
        const target = server.visible[(tick * 7) % Math.max(1, server.visible.length)];
        if (kind === "post") server.post("bob", `post ${tick}`);
        else if (kind === "send") {
          room.send(`sent ${tick}`);
          sent.push(`sent ${tick}`);
        } else if (kind === "edit" && target) server.edit(target.id, `${target.content}*`);
        else if (kind === "remove" && target?.user_id === "bob") server.remove(target.id);
        else if (kind === "cut") server.cut();
        else if (kind === "down") {
          server.isDown = true;
          server.cut();
        } else if (kind === "up") server.isDown = false;
        else if (kind === "refuse sockets") server.refusesSockets = true;
        else if (kind === "take sockets") server.refusesSockets = false;
        else if (kind === "lose frames") {
          server.losesFrames = true;
          server.post("bob", `unheard ${tick}`);
          server.losesFrames = false;
        } else if (kind === "lose an acknowledgement") server.losesAcknowledgements += 1;
        else if (kind === "load older") void room.loadOlder().catch(() => {});
        else if (kind === "load newer") void room.loadNewer().catch(() => {});
        else if (kind === "jump") void room.jumpTo((tick * 13) % (server.head + 1)).catch(() => {});
        else if (kind === "to the newest") void room.jumpToLatest().catch(() => {});
        else if (kind === "heartbeat") server.heartbeat();
        else if (kind === "a second") await time.pass(1_000);
        else if (kind === "a minute") await time.pass(60_000);
      }
      server.isDown = server.refusesSockets = false;
      await time.until(() => room.state.status === "live" && room.state.pending.length === 0);
      server.heartbeat();
      await time.pass(1_000);
      while (room.state.hasNewer) await room.loadNewer();
      while (room.state.hasOlder) await room.loadOlder();
      const shown = room.state.messages.filter(({ deleted_at }) => deleted_at === null);
      expect(shown.map(({ seq, content }) => `${seq} ${content}`)).toEqual(
        server.visible.map(({ seq, content }) => `${seq} ${content}`),
      );
      const own = server.visible.filter(({ user_id }) => user_id === "alice");
      expect(own.map(({ content }) => content.replaceAll("*", ""))).toEqual(sent);
      room.close();
    }),
    { numRuns: 60, seed: 20_260_101 },
  );
}, 60_000);
