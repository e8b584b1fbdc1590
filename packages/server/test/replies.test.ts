import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, openSocket, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, openResumed, post, readHistory, watchedRoom } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("replies and mentions", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it("[MSG15] an answer shows the original, live, in the history, in a replay and in its own answer", async () => {
    const { room, socket } = await watchedRoom(server);
    const [asker, answerer] = [await makeGuest(server, "Asker"), await makeGuest(server, "Answerer")];
    const original = await post(server, room, asker, `${"a".repeat(199)}😀 and more`);
    const answer = await post(server, room, answerer, "because", { reply_to: original.id });
    const shown = {
      id: original.id,
      seq: 1,
      updated_seq: 1,
      user_id: asker.id,
      username: "Asker",
      content: "a".repeat(199),
      deleted: false,
    };
    expect(answer.reply_to).toEqual(shown);
    const frame = await socket.next("message", ({ id }) => id === answer.id);
    expect(frame.reply_to).toEqual(shown);
    for (const query of ["", "before=9", "after=1"]) {
      const messages = await readHistory(server, room, query);
      expect(messages.find(({ id }) => id === answer.id)?.reply_to).toEqual(shown);
    }
    const late = await openResumed(server, room);
    expect(late.frames.find((one) => one.type === "message" && one.id === answer.id)).toMatchObject({
      reply_to: shown,
    });
    expect(original).not.toHaveProperty("reply_to");
    expect(frame.reactions).toEqual([]);
    await Promise.all([socket.close(), late.close()]);
  });

  it("[MSG15] the original is shown as it is now: edited, deleted, its author renamed", async () => {
    const { room, socket } = await watchedRoom(server);
    const asker = await makeGuest(server, "Asker");
    const { id } = await post(server, room, asker, "first");
    await post(server, room, asker, "answer", { reply_to: id });
    await asker.request("PATCH", `/rooms/${room}/messages/${id}`, { body: { content: "second" } });
    await asker.request("PUT", `/users/${asker.id}/profile`, { body: { display_name: "Renamed" } });
    const [, edited] = await readHistory(server, room);
    expect(edited?.reply_to).toMatchObject({ content: "second", username: "Renamed", updated_seq: 3 });
    await asker.request("DELETE", `/rooms/${room}/messages/${id}`);
    const [deleted] = await readHistory(server, room);
    expect(deleted?.reply_to).toMatchObject({ content: "", deleted: true, updated_seq: 4 });
    await socket.close();
  });

  it("[MSG15] over a socket too; a repeat carries it, and a deleted answer does not", async () => {
    const room = await makeRoom(server);
    const person = await makeGuest(server, "Person");
    const { id } = await post(server, room, person, "original");
    const socket = await openSocket(server, room, person.id, { cookie: person.cookie });
    const frame = { type: "message", content: "answer", client_id: "one", reply_to: id };
    socket.send(frame);
    const first = await socket.next("message", ({ content }) => content === "answer");
    expect(first.reply_to).toMatchObject({ id, content: "original" });
    socket.send({ ...frame, reply_to: null });
    const repeat = await socket.next("message", (message) => message.repeat === true);
    expect(repeat.reply_to).toEqual(first.reply_to);
    const gone = await person.request("DELETE", `/rooms/${room}/messages/${first.id}`);
    expect(gone.json).not.toHaveProperty("reply_to");
    await socket.close();
  });

  it("[MSG15] an original that is unknown or of another room makes a plain message", async () => {
    const [room, elsewhere] = [await makeRoom(server), await makeRoom(server)];
    const person = await makeGuest(server, "Person");
    const { id } = await post(server, elsewhere, person, "secret of elsewhere");
    for (const reply_to of [id, newId()]) {
      const message = await post(server, room, person, "text", { reply_to });
      expect(message.content).toBe("text");
      expect(message).not.toHaveProperty("reply_to");
    }
  });

  it("[MSG16] a message mentions members of the room, each once; others are left out", async () => {
    const { room, socket } = await watchedRoom(server);
    const [author, member] = [await makeGuest(server, "Author"), await makeGuest(server, "Member")];
    const outsider = await makeGuest(server, "Outsider");
    await post(server, room, member, "here");
    const mentions = [member.id, outsider.id, newId(), member.id, author.id];
    const message = await post(server, room, author, "hello", { mentions, mentions_room: true });
    expect(message.mentions).toEqual([member.id, author.id]);
    expect(message).not.toHaveProperty("mentions_room");
    const frame = await socket.next("message", ({ id }) => id === message.id);
    expect(frame.mentions).toEqual([member.id, author.id]);
    const none = await post(server, room, author, "hello", { mentions: [outsider.id] });
    expect(none).not.toHaveProperty("mentions");
    const tooMany = { user_id: author.id, content: "x", mentions: Array.from({ length: 51 }, newId) };
    const refused = await author.request("POST", `/rooms/${room}/messages`, { body: tooMany });
    expect([refused.status, refused.json.code]).toEqual([422, "invalid_request"]);
    await socket.close();
  });

  it("[MSG16] the host mentions the whole room", async () => {
    const host = await makeGuest(server, "Host");
    const room = await makeRoom(server, { created_by: host.id });
    expect((await post(server, room, host, "all", { mentions_room: true })).mentions_room).toBe(true);
  });

  it("[MSG16] an edit replaces the mentions that it names, and a deletion takes all", async () => {
    const room = await makeRoom(server);
    const people = [await makeGuest(server, "Ada"), await makeGuest(server, "Bea")] as const;
    const author = await makeGuest(server, "Author");
    for (const person of people) await post(server, room, person, "here");
    const { id } = await post(server, room, author, "hi", { mentions: [people[0].id] });
    const path = `/rooms/${room}/messages/${id}`;
    const found = () =>
      inDatabase(server, async (sql) => {
        const rows = await sql`select user_id from mentions where room_id = ${room}`;
        return rows.map((row) => row.user_id);
      });
    expect(await found()).toEqual([people[0].id]);
    const kept = await author.request("PATCH", path, { body: { content: "hi again" } });
    expect(kept.json.mentions).toEqual([people[0].id]);
    const body = { content: "hi again", mentions: [people[1].id] };
    const moved = await author.request("PATCH", path, { body });
    expect(moved.json).toMatchObject({ mentions: [people[1].id], updated_seq: 5 });
    expect((await author.request("PATCH", path, { body })).json.updated_seq).toBe(5);
    expect(await found()).toEqual([people[1].id]);
    const none = await author.request("PATCH", path, { body: { content: "hi again", mentions: [] } });
    expect(none.json).not.toHaveProperty("mentions");
    await author.request("PATCH", path, { body });
    await request(server, "DELETE", path, { cookie: author.cookie });
    expect(await found()).toEqual([]);
  });
});
