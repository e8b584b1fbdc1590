import { LIMITS } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("former texts", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it("[MSG17] each edit keeps the text before it, for the author and the room's host alone", async () => {
    const [host, author] = [await makeGuest(server, "Host"), await makeGuest(server, "Author")];
    const stranger = await makeGuest(server, "Stranger");
    const room = await makeRoom(server, { host: { id: host.id } });
    const message = await post(server, room, author, "one");
    const path = `/rooms/${room}/messages/${message.id}`;
    expect((await author.request("GET", `${path}/edits`)).json).toEqual([]);
    for (const content of ["two", "two", "three"]) await author.request("PATCH", path, { body: { content } });
    const edits = (await author.request("GET", `${path}/edits`)).json;
    expect(edits.map((edit: { content: string }) => edit.content)).toEqual(["two", "one"]);
    expect(edits[1].timestamp).toBe(message.timestamp);
    expect(edits[1].replaced_at).toBe(edits[0].timestamp);
    expect((await host.request("GET", `${path}/edits`)).json).toEqual(edits);
    expect((await stranger.request("GET", `${path}/edits`)).status).toBe(403);
    expect((await request(server, "GET", `${path}/edits`)).status).toBe(401);
    expect((await author.request("GET", `/rooms/${room}/messages/${newId()}/edits`)).status).toBe(404);
    await author.request("DELETE", path);
    expect((await author.request("GET", `${path}/edits`)).json.code).toBe("message_not_found");
    const left = await inDatabase(
      server,
      (sql) => sql`select 1 from message_edits where message_id = ${message.id}`,
    );
    expect(left).toHaveLength(0);
  });

  it("[MSG17] the newest 100 are kept, and a million letters of them", async () => {
    const room = await makeRoom(server);
    const author = await makeGuest(server, "Author");
    const { id } = await post(server, room, author, "0");
    const path = `/rooms/${room}/messages/${id}`;
    const edit = (content: string) => author.request("PATCH", path, { body: { content } });
    const kept = async (): Promise<string[]> => {
      const { json } = await author.request("GET", `${path}/edits`);
      return json.map(({ content }: { content: string }) => content);
    };
    for (let count = 1; count <= 103; count += 1) await edit(String(count));
    expect(await kept()).toEqual(Array.from({ length: LIMITS.edits }, (_, index) => String(102 - index)));
    for (let count = 1; count <= 12; count += 1) await edit(String(count).padStart(100_000, "x"));
    expect((await kept()).map((content) => content.length)).toEqual(
      Array.from({ length: 10 }, () => 100_000),
    );
  });
});
