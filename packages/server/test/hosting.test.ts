import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newName,
  openSocket,
  type Person,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("what a room's host does", () => {
  let server: TestServer;
  let host: Person;
  let bob: Person;
  beforeAll(async () => {
    server = await startTestServer();
    host = await makeGuest(server, newName("host"));
    bob = await makeGuest(server, newName("bob"));
    for (const person of [host, bob]) await person.request("GET", "/users?limit=1");
  });
  afterAll(async () => await server.close());

  const join = async (room: string, ...people: Person[]) => {
    for (const person of people) {
      const { status } = await person.request("POST", `/rooms/${room}/join`, {
        body: { user_id: person.id },
      });
      expect(status).toBe(200);
    }
  };
  /** A room of the host with these people in it. */
  const roomWith = async (...people: Person[]) => {
    const made = await host.request("POST", "/rooms", { body: { name: "Old name", created_by: host.id } });
    await join(made.json.id, host, ...people);
    return made.json.id as string;
  };
  const inboxOf = async (person: Person) => {
    const socket = await openSocket(server, "dm", person.id, { cookie: person.cookie, query: { inbox: 1 } });
    await socket.next("inbox_ready");
    return socket;
  };
  const listOf = async (person: Person) => (await person.request("GET", `/users/${person.id}/rooms`)).json;

  it("[ROOM7] the host changes name, description and category; the answer is the room as it is read", async () => {
    const room = await roomWith(bob);
    const change = (body: unknown) => host.request("PATCH", `/rooms/${room}`, { body });
    const before = (await request(server, "GET", `/rooms/${room}`)).json;
    const words = { name: "  New name ", description: "What it is about", category: "Friends" };
    const changed = await change(words);
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({ ...before, ...words, name: "New name" });
    expect((await request(server, "GET", `/rooms/${room}`)).json).toEqual(changed.json);
    // What is not named stays, and an empty text clears as null does.
    expect((await change({ description: "" })).json).toEqual({ ...changed.json, description: null });
    expect((await change({ category: null })).json.category).toBeNull();
    expect((await change({})).json).toMatchObject({ name: "New name", description: null });
    for (const wrong of [{ name: " " }, { name: "x".repeat(201) }, { name: null }, { description: 1 }])
      expect((await change(wrong)).status, JSON.stringify(wrong)).toBe(422);
    expect((await host.request("PATCH", "/rooms/none", { body: { name: "x" } })).status).toBe(404);
  });

  it("[ROOM7] whoever is named as host may too; nobody does where a room has none, and not in a conversation", async () => {
    const named = await makeRoom(server, {});
    expect((await bob.request("PATCH", `/rooms/${named}`, { body: { name: "x" } })).status).toBe(403);
    const [alice, carol] = [
      await makeAccount(server, newName("alice")),
      await makeAccount(server, newName()),
    ];
    const made = await alice.request("POST", "/rooms", { body: { name: "A", host: { id: alice.id } } });
    const changed = await alice.request("PATCH", `/rooms/${made.json.id}`, { body: { name: "B" } });
    expect([changed.status, changed.json.name]).toEqual([200, "B"]);
    const direct = await alice.request("POST", `/users/${alice.id}/direct`, { body: { with: carol.id } });
    const path = `/rooms/${encodeURIComponent(direct.json.id)}`;
    expect((await alice.request("PATCH", path, { body: { name: "x" } })).status).toBe(404);
    expect((await bob.request("PATCH", path, { body: { name: "x" } })).status).toBe(403);
  });

  it("[ROOM8] members learn it at once, in the room and in their list; clients of the seeds are told nothing new", async () => {
    const room = await roomWith(bob);
    const [live, old, inbox] = [
      await openResumed(server, room, { user: bob.id, cookie: bob.cookie }),
      await openSocket(server, room, bob.id, { cookie: bob.cookie }),
      await inboxOf(bob),
    ];
    const tag = (await request(server, "GET", "/rooms")).headers.get("etag") ?? "";
    const words = { name: "Told", description: "at once", category: "News" };
    await host.request("PATCH", `/rooms/${room}`, { body: words });
    const frame = { type: "room_updated", room_id: room, ...words };
    expect(await live.next("room_updated")).toEqual(frame);
    expect(await inbox.next("room_updated")).toEqual(frame);
    // What a client builds from it is what it would read.
    expect((await listOf(bob))[0]).toMatchObject({ id: room, name: "Told" });
    await post(server, room, host, "after it");
    await old.next("message", ({ content }) => content === "after it");
    expect(old.frames.map(({ type }) => type)).not.toContain("room_updated");
    const list = await request(server, "GET", "/rooms", { headers: { "if-none-match": tag } });
    expect([list.status, list.json.find(({ id }: { id: string }) => id === room)]).toMatchObject([
      200,
      words,
    ]);
    for (const socket of [live, old, inbox]) await socket.close();
  });

  it("[ROOM8] changes that come at once are told in the order in which they were stored", async () => {
    const room = await roomWith(bob);
    const live = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const names = Array.from({ length: 20 }, (_, n) => `name ${n}`);
    await Promise.all(names.map((name) => host.request("PATCH", `/rooms/${room}`, { body: { name } })));
    const { name } = (await request(server, "GET", `/rooms/${room}`)).json;
    await post(server, room, host, "after all");
    await live.next("message", ({ content }) => content === "after all");
    const told = live.frames.filter((frame) => frame.type === "room_updated");
    expect(told).toHaveLength(names.length);
    expect(told.at(-1)?.name).toBe(name);
    await live.close();
  });
});
