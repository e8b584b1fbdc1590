import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, numbersOf, post, range, readHistory, watchedRoom } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("edits, deletions, reactions", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it("[MSG11] the author edits, and clients with a cursor see it", async () => {
    const { room, socket } = await watchedRoom(server);
    const user = newId();
    const { id } = await post(server, room, user, "first");
    const body = { user_id: user, content: "second" };
    const answer = await request(server, "PATCH", `/rooms/${room}/messages/${id}`, { body });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id, content: "second", seq: 1, updated_seq: 2, deleted_at: null });
    expect(answer.json.edited_at).toMatch(/Z$/);
    const frame = await socket.next("message_updated");
    expect(frame).toEqual({ type: "message_updated", room_id: room, message: answer.json });
    expect((await readHistory(server, room))[0]?.content).toBe("second");
    await socket.close();
  });

  it("[MSG11] the author and the room's host delete; a tombstone without content stays", async () => {
    const host = await makeGuest(server, "host");
    const made = await host.request("POST", "/rooms", { body: { name: "Hosted", host: { id: host.id } } });
    const path = `/rooms/${made.json.id}/messages`;
    const user = newId();
    const [own, others] = [
      await post(server, made.json.id, user, "own"),
      await post(server, made.json.id, user, "others"),
    ];
    const byAuthor = await request(server, "DELETE", `${path}/${own.id}?user_id=${user}`);
    const byHost = await host.request("DELETE", `${path}/${others.id}`);
    expect(byAuthor.json).toMatchObject({ id: own.id, content: "", seq: 1, updated_seq: 3 });
    expect(byHost.json).toMatchObject({ id: others.id, content: "", seq: 2, updated_seq: 4 });
    for (const { json } of [byAuthor, byHost]) expect(json.deleted_at).toMatch(/Z$/);
    expect(await readHistory(server, made.json.id)).toEqual([]);
    const tombstones = await readHistory(server, made.json.id, "before=9");
    expect(tombstones.map(({ content, reactions }) => [content, reactions])).toEqual([
      ["", []],
      ["", []],
    ]);
  });

  it("[MSG11] others neither edit nor delete, and a host does not edit", async () => {
    const host = await makeGuest(server, "host");
    const made = await host.request("POST", "/rooms", { body: { name: "Hosted", created_by: host.id } });
    const author = await makeGuest(server, "author");
    const stranger = await makeGuest(server, "stranger");
    const { id } = await post(server, made.json.id, author, "mine");
    const path = `/rooms/${made.json.id}/messages/${id}`;
    const refused = [
      await stranger.request("PATCH", path, { body: { content: "theirs" } }),
      await stranger.request("DELETE", path),
      await host.request("PATCH", path, { body: { content: "theirs" } }),
      await stranger.request("PATCH", path, { body: { content: "theirs", user_id: author.id } }),
      await request(server, "DELETE", `${path}?user_id=${author.id}`),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    const anonymous = await request(server, "PATCH", path, { body: { content: "theirs" } });
    expect([anonymous.status, anonymous.json.code]).toEqual([401, "session_required"]);
    expect((await readHistory(server, made.json.id))[0]).toMatchObject({ content: "mine", updated_seq: 1 });
    expect((await author.request("PATCH", path, { body: { content: "still mine" } })).status).toBe(200);
  });

  it("[MSG11] a change that changes nothing is 200, takes no number and sends no frame", async () => {
    const { room, socket } = await watchedRoom(server);
    const user = newId();
    const { id } = await post(server, room, user, "same");
    const path = `/rooms/${room}/messages/${id}`;
    const body = { user_id: user };
    const steps = [
      ["PATCH", path, { ...body, content: "same" }, 1],
      ["DELETE", `${path}/reactions/ok?user_id=${user}`, undefined, 1],
      ["PUT", `${path}/reactions/ok`, body, 2],
      ["PUT", `${path}/reactions/ok`, body, 2],
      ["DELETE", `${path}/reactions/ok?user_id=${user}`, undefined, 3],
      ["DELETE", `${path}/reactions/ok?user_id=${user}`, undefined, 3],
      ["DELETE", `${path}?user_id=${user}`, undefined, 4],
      ["DELETE", `${path}?user_id=${user}`, undefined, 4],
    ] as const;
    for (const [method, address, given, updated] of steps) {
      const answer = await request(server, method, address, given === undefined ? {} : { body: given });
      expect([method, answer.status, answer.json.updated_seq]).toEqual([method, 200, updated]);
    }
    expect((await post(server, room, user, "next")).seq).toBe(5);
    await until(() => numbersOf(socket.frames).length >= 5, "the frames came");
    expect(numbersOf(socket.frames)).toEqual(range(1, 5));
    await socket.close();
  });

  it("[MSG11] what is deleted is neither edited nor reacted to; what is not there is 404", async () => {
    const [room, elsewhere] = [await makeRoom(server), await makeRoom(server)];
    const user = newId();
    const { id } = await post(server, room, user, "gone");
    await request(server, "PUT", `/rooms/${room}/messages/${id}/reactions/ok`, { body: { user_id: user } });
    await request(server, "DELETE", `/rooms/${room}/messages/${id}?user_id=${user}`);
    const paths = [`/rooms/${room}/messages/${id}`, `/rooms/${room}/messages/${newId()}`];
    const alive = await post(server, elsewhere, user, "elsewhere");
    for (const path of [...paths, `/rooms/${room}/messages/${alive.id}`]) {
      const edit = await request(server, "PATCH", path, { body: { user_id: user, content: "back" } });
      const reaction = await request(server, "PUT", `${path}/reactions/ok`, { body: { user_id: user } });
      for (const { status, json } of [edit, reaction])
        expect([status, json.code]).toEqual([404, "message_not_found"]);
    }
    const body = { user_id: user, content: "x" };
    const unknownRoom = await request(server, "PATCH", `/rooms/${newId()}/messages/${id}`, { body });
    expect([unknownRoom.status, unknownRoom.json.code]).toEqual([404, "room_not_found"]);
    expect((await readHistory(server, room, "after=0"))[0]?.reactions).toEqual([]);
  });

  it("[MSG6] an edit keeps to the bounds of a message", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const { id } = await post(server, room, user, "short");
    const edit = (content: string) =>
      request(server, "PATCH", `/rooms/${room}/messages/${id}`, { body: { user_id: user, content } });
    expect((await edit(" ")).json.code).toBe("blank_content");
    expect((await edit("x".repeat(100_001))).status).toBe(413);
    expect((await edit("a\0b")).json.content).toBe("a\ufffdb");
  });

  it("[MSG12] reactions are gathered by emoji with exact counts", async () => {
    const { room, socket } = await watchedRoom(server);
    const [alice, bob] = [newId(), newId()];
    await post(server, room, bob, "hi");
    const { id } = await post(server, room, alice, "react");
    const path = `/rooms/${room}/messages/${id}/reactions`;
    const react = (emoji: string, user: string) =>
      request(server, "PUT", `${path}/${encodeURIComponent(emoji)}`, { body: { user_id: user } });
    await react("👍", alice);
    await react("👍🏽", bob);
    const last = await react("👍", bob);
    expect(last.json.reactions).toEqual([
      { emoji: "👍", count: 2, user_ids: [alice, bob] },
      { emoji: "👍🏽", count: 1, user_ids: [bob] },
    ]);
    await until(() => numbersOf(socket.frames).length >= 5, "the frames came");
    const frame = socket.frames.at(-1);
    expect(frame).toMatchObject({ type: "message_updated", message: last.json });
    const [, stored] = await readHistory(server, room);
    expect(stored?.reactions).toEqual(last.json.reactions);
    await socket.close();
  });

  it("[MSG12] the 51st emoji is refused with 409, and one of the 50 still counts", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const { id } = await post(server, room, user, "popular");
    const react = (emoji: string, by: string) =>
      request(server, "PUT", `/rooms/${room}/messages/${id}/reactions/${emoji}`, { body: { user_id: by } });
    for (let n = 0; n < 50; n++) expect((await react(`e${n}`, user)).status).toBe(200);
    const refused = await react("e50", user);
    expect([refused.status, refused.json.code]).toEqual([409, "reaction_limit"]);
    const other = newId();
    await post(server, room, other, "me too");
    const counted = await react("e7", other);
    expect(counted.json.reactions).toHaveLength(50);
    expect(counted.json.reactions).toContainEqual({ emoji: "e7", count: 2, user_ids: [user, other] });
    // The refused one took no number: 50 reactions, two messages, one more reaction.
    expect(counted.json.updated_seq).toBe(53);
  });

  it("[MSG12] 200 ids are shown of an emoji, and the count goes on", async () => {
    const room = await makeRoom(server);
    const { id } = await post(server, room, newId(), "loved");
    await inDatabase(
      server,
      (sql) => sql`
        insert into reactions (message_id, emoji, user_id)
        select ${id}, 'love', 'fan-' || n from generate_series(1, 204) n`,
    );
    const user = newId();
    await post(server, room, user, "me too");
    const path = `/rooms/${room}/messages/${id}/reactions/love`;
    await request(server, "PUT", path, { body: { user_id: user } });
    const [message] = await readHistory(server, room);
    expect(message?.reactions[0]).toMatchObject({ emoji: "love", count: 205 });
    expect(new Set(message?.reactions[0]?.user_ids).size).toBe(200);
  });
});
