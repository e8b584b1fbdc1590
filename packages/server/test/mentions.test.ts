import { afterAll, beforeAll, expect, it } from "vitest";
import { makeAccount, makeGuest, makeRoom, newId, newName, type Person, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("a user's mentions", () => {
  let server: TestServer;
  let me: Person;
  let other: Person;
  beforeAll(async () => {
    server = await startTestServer();
    me = await makeGuest(server, "Reader");
    other = await makeGuest(server, "Writer");
  });
  afterAll(async () => {
    await server.close();
  });
  const found = async (query = "", person: Person = me): Promise<string[]> => {
    const answer = await person.request("GET", `/users/${person.id}/mentions?${query}`);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json.map(({ content }: { content: string }) => content);
  };
  const joined = async (fields: Record<string, unknown> = {}, person: Person = me) => {
    const room = await makeRoom(server, fields);
    await person.request("POST", `/rooms/${room}/join`, { body: { user_id: person.id } });
    return room;
  };

  it("[MSG19] of all rooms, the newest first, in pages; own ones, edited and deleted ones are not there", async () => {
    const [here, there] = [await joined({ created_by: other.id }), await joined()];
    const mentions = [me.id];
    await post(server, here, other, "one", { mentions });
    const second = await post(server, there, other, "two", { mentions, client_id: "theirs" });
    await post(server, here, other, "three", { mentions_room: true, mentions });
    await post(server, here, me, "own", { mentions });
    await post(server, here, other, "plain");
    const edited = await post(server, here, other, "unmentioned", { mentions });
    await other.request("PATCH", `/rooms/${here}/messages/${edited.id}`, {
      body: { content: "x", mentions: [] },
    });
    const deleted = await post(server, here, other, "deleted", { mentions });
    await other.request("DELETE", `/rooms/${here}/messages/${deleted.id}`);
    expect(await found()).toEqual(["three", "two", "one"]);
    expect(await found("limit=1")).toEqual(["three"]);
    expect(await found(`before=${second.id}`)).toEqual(["one"]);
    expect(await found(`before=${newId()}`)).toEqual([]);
    expect(await found(`room_id=${here}`)).toEqual(["three", "one"]);
    expect(await found(`room_id=${here}&after=1`)).toEqual(["three"]);
    const { json } = await me.request("GET", `/users/${me.id}/mentions`);
    expect(json[1]).not.toHaveProperty("client_id");
  });

  it("[MSG19] a mention of everybody reaches those who were there", async () => {
    const late = await makeGuest(server, "Late");
    const host = await makeGuest(server, "Host");
    const room = await joined({ created_by: host.id });
    await post(server, room, host, "everybody", { mentions_room: true });
    await late.request("POST", `/rooms/${room}/join`, { body: { user_id: late.id } });
    expect(await found("", late)).toEqual([]);
    expect(await found(`room_id=${room}`)).toEqual(["everybody"]);
    expect(await found("", host)).toEqual([]);
  });

  it("[MSG19] only of rooms that the user may still read", async () => {
    const person = await makeGuest(server, "Person");
    const [locked, left] = [await makeRoom(server, { password: "secret" }), await joined({}, person)];
    const enter = { user_id: person.id, password: "secret" };
    await person.request("POST", `/rooms/${locked}/join`, { body: enter });
    await other.request("POST", `/rooms/${locked}/join`, { body: { user_id: other.id, password: "secret" } });
    for (const [room, text] of [
      [locked, "locked"],
      [left, "left"],
    ] as const)
      await post(server, room, other, text, { mentions: [person.id] });
    expect(await found("", person)).toEqual(["left", "locked"]);
    await inDatabase(server, async (sql) => {
      await sql`delete from device_grants where room_id = ${locked}`;
      await sql`update room_members set banned_at = now() where room_id = ${left} and user_id = ${person.id}`;
    });
    expect(await found("", person)).toEqual([]);
  });

  it("[MSG19] for the user's own session alone", async () => {
    const account = await makeAccount(server, newName());
    const open = (await request(server, "POST", "/users", { body: { username: "Open" } })).json.id;
    const statuses = await Promise.all([
      request(server, "GET", `/users/${account.id}/mentions`),
      me.request("GET", `/users/${account.id}/mentions`),
      request(server, "GET", `/users/${open}/mentions`),
      me.request("GET", `/users/${newId()}/mentions`),
      account.request("GET", `/users/${account.id}/mentions`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 403, 404, 200]);
  });
});
