import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, type Person, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, openResumed, post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("pins", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const pinPath = (room: string, id: string) => `/rooms/${room}/messages/${id}/pin`;
  const pins = async (room: string) => {
    const answer = await request(server, "GET", `/rooms/${room}/pins`);
    return answer.json.map((message: { content: string }) => message.content);
  };
  async function hostedRoom(): Promise<{ host: Person; room: string }> {
    const host = await makeGuest(server, "Host");
    return { host, room: await makeRoom(server, { created_by: host.id }) };
  }

  it("[PIN1] the host pins; clients with a cursor see it as one change, and the list has the newest first", async () => {
    const { host, room } = await hostedRoom();
    const author = await makeGuest(server, "Author");
    const [first, second] = [
      await post(server, room, author, "first", { client_id: "mine" }),
      await post(server, room, author, "second"),
    ];
    const socket = await openResumed(server, room, { after: 2 });
    const pinned = await host.request("PUT", pinPath(room, second.id), { body: {} });
    expect(pinned.json).toMatchObject({
      id: second.id,
      updated_seq: 3,
      pinned_by: host.id,
      content: "second",
    });
    expect(pinned.json.pinned_at).toMatch(/Z$/);
    expect((await socket.next("message_updated")).message).toEqual({ ...pinned.json, client_id: null });
    const other = await host.request("PUT", pinPath(room, first.id), { body: { user_id: host.id } });
    expect(other.json).not.toHaveProperty("client_id");
    expect(await pins(room)).toEqual(["first", "second"]);
    const again = await host.request("PUT", pinPath(room, first.id), { body: {} });
    expect(again.json).toMatchObject({ updated_seq: 4, pinned_at: other.json.pinned_at });
    const taken = await host.request("DELETE", pinPath(room, second.id));
    expect(taken.json.updated_seq).toBe(5);
    expect(taken.json).not.toHaveProperty("pinned_at");
    expect((await host.request("DELETE", pinPath(room, second.id))).json.updated_seq).toBe(5);
    expect(await pins(room)).toEqual(["first"]);
    expect((await readHistory(server, room))[0]).toMatchObject({ pinned_by: host.id });
    await socket.close();
  });

  it("[PIN1] nobody else pins in a hosted room, and what is deleted or not there is 404", async () => {
    const { host, room } = await hostedRoom();
    const author = await makeGuest(server, "Author");
    const { id } = await post(server, room, author, "mine");
    const refused = await author.request("PUT", pinPath(room, id), { body: {} });
    expect([refused.status, refused.json.code]).toEqual([403, "forbidden"]);
    expect((await request(server, "PUT", pinPath(room, id), { body: {} })).status).toBe(401);
    const posing = await author.request("PUT", pinPath(room, id), { body: { user_id: host.id } });
    expect(posing.status).toBe(200);
    await host.request("GET", "/users");
    const held = await author.request("DELETE", `${pinPath(room, id)}?user_id=${host.id}`);
    expect([held.status, held.json.code]).toEqual([403, "not_your_identity"]);
    await author.request("DELETE", `/rooms/${room}/messages/${id}`);
    expect(await pins(room)).toEqual([]);
    for (const gone of [id, newId()]) {
      const answer = await host.request("PUT", pinPath(room, gone), { body: {} });
      expect([answer.status, answer.json.code]).toEqual([404, "message_not_found"]);
    }
  });

  it("[PIN1] in a room without a host every member pins, and nobody who was put out or has left", async () => {
    const room = await makeRoom(server);
    const [author, member] = [await makeGuest(server, "Author"), await makeGuest(server, "Member")];
    const outsider = await makeGuest(server, "Outsider");
    const { id } = await post(server, room, author, "mine");
    await post(server, room, member, "hello");
    expect((await outsider.request("PUT", pinPath(room, id), { body: {} })).status).toBe(403);
    expect((await member.request("PUT", pinPath(room, id), { body: {} })).json.pinned_by).toBe(member.id);
    await inDatabase(
      server,
      (sql) => sql`update room_members set banned_at = now() where user_id = ${member.id}`,
    );
    expect((await member.request("DELETE", pinPath(room, id))).status).toBe(403);
    const gone = await makeGuest(server, "Gone");
    await post(server, room, gone, "bye");
    await gone.request("POST", `/rooms/${room}/leave`, { body: { user_id: gone.id } });
    expect((await gone.request("DELETE", pinPath(room, id))).status).toBe(403);
    expect((await author.request("DELETE", pinPath(room, id))).status).toBe(200);
  });

  it("[PIN1] long ones come some at a time", async () => {
    const { host, room } = await hostedRoom();
    for (let index = 0; index < 10; index += 1) {
      const { id } = await post(server, room, host, String(index).padEnd(100_000, "字"));
      await host.request("PUT", pinPath(room, id), { body: {} });
    }
    const seen: string[] = [];
    for (;;) {
      const answer = await request(server, "GET", `/rooms/${room}/pins?offset=${seen.length}`);
      if (answer.json.length === 0) break;
      expect(answer.text.length).toBeLessThan(2 * 1024 * 1024);
      seen.push(...answer.json.map(({ content }: { content: string }) => content.slice(0, 1)));
    }
    expect(seen).toEqual(["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
  });

  it("[PIN1] a room holds 100 pins", async () => {
    const { host, room } = await hostedRoom();
    const messages = await Promise.all(
      Array.from({ length: 101 }, (_, index) => post(server, room, host, `line ${index}`)),
    );
    for (const { id } of messages.slice(0, 100))
      expect((await host.request("PUT", pinPath(room, id), { body: {} })).status).toBe(200);
    const last = pinPath(room, messages[100]?.id ?? "");
    const refused = await host.request("PUT", last, { body: {} });
    expect([refused.status, refused.json.code]).toEqual([409, "pin_limit"]);
    await host.request("DELETE", pinPath(room, messages[0]?.id ?? ""));
    expect((await host.request("PUT", last, { body: {} })).status).toBe(200);
    expect((await pins(room))[0]).toBe("line 100");
  });
});
