import { expect, test } from "vitest";
import { createTestDatabase } from "../../server/test/support/database.js";
import { startTestServer } from "../../server/test/support/server.js";
import { spoilDatabase } from "../../server/test/support/spoiled-database.js";
import { enter, makeGuest, until, untilStatus } from "./support/talk.js";

test.each(["closed", "mute", "frozen"] as const)(
  "[OPS18] what is sent while the database is %s waits in the outbox, and arrives once and in order",
  async (state) => {
    const database = await createTestDatabase();
    const proxy = await spoilDatabase(database.url);
    const server = await startTestServer({}, { database: { ...database, url: proxy.url } });
    try {
      const guest = await makeGuest(server.url, "ann");
      const { id: room } = await guest.api.call("createRoom", { body: { name: "Room" } });
      const client = enter(guest, server.url, room);
      await untilStatus(client, "live");
      client.send("before");
      await until(client, "it is stored", () => client.state.pending.length === 0);
      await proxy.become(state);
      const texts = Array.from({ length: 30 }, (_, n) => `text ${n}`);
      for (const text of texts) client.send(text);
      expect((await fetch(`${server.url}/health`)).status).toBe(503);
      expect(client.state.pending.length).toBe(texts.length);
      await proxy.become("closed");
      await proxy.become("open");
      await until(client, "all is delivered", () => client.state.pending.length === 0);
      const answer = await fetch(`${server.url}/rooms/${room}/messages?limit=1000`);
      const history = (await answer.json()) as { content: string }[];
      expect(history.map(({ content }) => content)).toEqual(["before", ...texts]);
      expect(client.state.messages.map(({ content }) => content)).toEqual(["before", ...texts]);
      client.close();
    } finally {
      await proxy.become("open");
      await server.close();
      await proxy.close();
      await database.drop();
    }
  },
);
