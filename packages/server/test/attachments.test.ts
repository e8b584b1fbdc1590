import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Message } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { plainPicture } from "./avatars-pictures.js";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type Person,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, openResumed, post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { sweepFiles, uploadFile } from "./support/uploads.js";

describeWithDatabase("attachments", () => {
  let server: TestServer;
  let room: string;
  let alice: Person;
  let bob: Person;
  beforeAll(async () => {
    server = await startTestServer();
    room = await makeRoom(server);
    alice = await makeGuest(server, newName("alice"));
    bob = await makeGuest(server, newName("bob"));
  });
  afterAll(async () => await server.close());

  const file = async (person = alice, place = room) =>
    (await uploadFile(person, place, { name: "note.txt", bytes: Buffer.from("0123456789") })).id;
  const read = (person: Person | null, id: string, query = "", headers: Record<string, string> = {}) =>
    request(server, "GET", `/files/${id}/x${query}`, { cookie: person?.cookie, headers });
  const send = (
    person: Person,
    attachments: readonly string[],
    fields: Record<string, unknown> = {},
    place = room,
  ) =>
    person.request("POST", `/rooms/${place}/messages`, {
      body: { user_id: person.id, content: "", attachments, ...fields },
    });

  it("[FILE12] a message carries its files, live, in the history and in a replay, with addresses for the reader", async () => {
    const picture = await uploadFile(alice, room, {
      name: "p.png",
      bytes: await plainPicture("png", { width: 400, height: 300 }),
    });
    const note = await file();
    const live = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const plain = await openSocket(server, room, newId());
    const sent = await send(alice, [note, picture.id, note]);
    expect(sent.status).toBe(200);
    expect(Message.safeParse(sent.json).success).toBe(true);
    expect(sent.json.attachments.map(({ id }: { id: string }) => id)).toEqual([note, picture.id]);
    expect(sent.json.attachments[1]).toEqual(picture.attachment);
    const fromOther = await request(server, "GET", `/rooms/${room}/messages`, {
      headers: { host: "localhost" },
    });
    const frame = await live.next("message", ({ id }) => id === sent.json.id);
    const seen = await plain.next("message", ({ id }) => id === sent.json.id);
    expect([frame.attachments, seen.attachments]).toEqual([sent.json.attachments, sent.json.attachments]);
    expect(fromOther.json.at(-1).attachments).toEqual(sent.json.attachments);
    const replayed = await openResumed(server, room, { user: newId(), after: sent.json.seq - 1 });
    expect((await replayed.next("message")).attachments).toEqual(sent.json.attachments);
    for (const attachment of sent.json.attachments) {
      for (const url of [attachment.url, ...Object.values<string>(attachment.previews)])
        expect((await fetch(url, { headers: { cookie: bob.cookie ?? "" } })).status).toBe(200);
    }
    await Promise.all([live, plain, replayed].map((socket) => socket.close()));
  });

  it("[FILE12] a message of the seeds carries no field of it", async () => {
    expect(await post(server, room, alice, "plain")).not.toHaveProperty("attachments");
  });

  it("[FILE12] frames bring files too, in the order of their arrival", async () => {
    const socket = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    const id = await file();
    socket.send({ content: "before" });
    socket.send({ content: " ", attachments: [id], client_id: "with-file" });
    socket.send({ content: "after" });
    const before = await socket.next("message", ({ content }) => content === "before");
    const own = await socket.next("message", ({ client_id }) => client_id === "with-file");
    const after = await socket.next("message", ({ content }) => content === "after");
    expect([own.seq - before.seq, after.seq - own.seq, own.attachments?.[0]?.id]).toEqual([1, 1, id]);
    socket.send({ content: "", attachments: ["0".repeat(32)], client_id: "without" });
    expect(await socket.next("error")).toMatchObject({
      code: "attachment_invalid",
      client_id: "without",
      retry: false,
    });
    socket.send({ content: "", attachments: ["../x"], client_id: "wrong" });
    expect(await socket.next("error")).toMatchObject({ code: "invalid_frame", client_id: "wrong" });
    await socket.close();
  });

  it("[FILE13] only finished files of its author in that room are taken, each once; nothing is stored otherwise", async () => {
    const other = await makeRoom(server);
    const { json: unfinished } = await alice.request("POST", `/rooms/${room}/uploads`, {
      body: { name: "x", size: 5 },
    });
    const used = await file();
    expect((await send(alice, [used])).status).toBe(200);
    const [good, theirs, elsewhere] = [await file(), await file(bob), await file(alice, other)];
    const before = (await readHistory(server, room)).length;
    for (const bad of [unfinished.id, used, theirs, elsewhere, "f".repeat(32)]) {
      const answer = await send(alice, [good, bad], { content: "with text" });
      expect([answer.status, answer.json.code]).toEqual([400, "attachment_invalid"]);
    }
    expect((await send(alice, [])).json.code).toBe("blank_content");
    expect(
      (
        await send(
          alice,
          Array.from({ length: 11 }, () => good),
        )
      ).status,
    ).toBe(422);
    expect((await send(alice, ["x"])).status).toBe(422);
    expect(await readHistory(server, room)).toHaveLength(before);
    expect((await send(alice, [good])).status).toBe(200);
  });

  it("[FILE13] a repeat is answered with the stored message and its files", async () => {
    const id = await file();
    const first = await send(alice, [id], { client_id: "once-with-file" });
    await server.restart();
    const again = await send(alice, [id], { client_id: "once-with-file", content: "other" });
    expect([again.status, again.json.id, again.json.attachments]).toEqual([
      200,
      first.json.id,
      first.json.attachments,
    ]);
    const fresh = await file();
    const both = await Promise.all(["a", "b", "c"].map(() => send(alice, [fresh], { client_id: "at-once" })));
    expect(new Set(both.map(({ json }) => json.id)).size).toBe(1);
  });

  it("[FILE14] deleting the message shuts its files at once, and the sweep removes them", async () => {
    const id = await file();
    const { json } = await send(alice, [id]);
    expect((await read(bob, id)).status).toBe(200);
    const gone = await alice.request("DELETE", `/rooms/${room}/messages/${json.id}`);
    expect([gone.status, gone.json.attachments]).toEqual([200, undefined]);
    for (const person of [alice, bob, null])
      expect((await read(person, id)).json.code).toBe("file_not_found");
    const hour = 60 * 60 * 1000;
    await sweepFiles(server, Date.now() + 23 * hour);
    expect(await readdir(join(server.dataDir, "files", id.slice(0, 2)))).toContain(id);
    await sweepFiles(server, Date.now() + 25 * hour);
    expect(await readdir(join(server.dataDir, "files", id.slice(0, 2)))).not.toContain(id);
    expect(await inDatabase(server, (sql) => sql`select 1 from files where id = ${id}`)).toHaveLength(0);
  });

  it("[FILE14] a file of a living message never goes, an edit of it keeps it; with the room it goes", async () => {
    const place = await makeRoom(server);
    const id = await file(alice, place);
    const { json } = await send(alice, [id], {}, place);
    const edited = await alice.request("PATCH", `/rooms/${place}/messages/${json.id}`, {
      body: { content: "edited" },
    });
    expect(edited.json.attachments).toEqual(json.attachments);
    await sweepFiles(server, Date.now() + 1_000 * 24 * 60 * 60 * 1000);
    expect((await read(bob, id)).status).toBe(200);
    expect((await alice.request("DELETE", `/uploads/${id}`)).json.code).toBe("rule_broken");
    await inDatabase(server, (sql) => sql`delete from rooms where id = ${place}`);
    expect((await read(bob, id)).status).toBe(404);
    await sweepFiles(server, Date.now() + 23 * 60 * 60 * 1000);
    expect(await readdir(join(server.dataDir, "files", id.slice(0, 2)))).toContain(id);
    await sweepFiles(server, Date.now() + 25 * 60 * 60 * 1000);
    expect(await readdir(join(server.dataDir, "files", id.slice(0, 2)))).not.toContain(id);
  });

  it("[FILE15] ranges, tags and heads, as players and browsers ask for them", async () => {
    const id = await file();
    await send(alice, [id]);
    const whole = await read(bob, id);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-length": "10",
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "private, max-age=604800, immutable",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      etag: `"${id}"`,
    });
    expect(whole.headers.get("content-security-policy")).toContain("sandbox");
    const ranges: [string, number, string, string | null][] = [
      ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
      ["bytes=4-", 206, "456789", "bytes 4-9/10"],
      ["bytes=-2", 206, "89", "bytes 8-9/10"],
      ["bytes=-50", 206, "0123456789", "bytes 0-9/10"],
      ["bytes=8-99", 206, "89", "bytes 8-9/10"],
      ["bytes=0-1,4-5", 200, "0123456789", null],
      ["bytes=5-2", 200, "0123456789", null],
      ["lines=1-2", 200, "0123456789", null],
      ["bytes=-", 200, "0123456789", null],
    ];
    for (const [range, status, text, contentRange] of ranges) {
      const answer = await read(bob, id, "", { range });
      expect([range, answer.status, answer.text, answer.headers.get("content-range")]).toEqual([
        range,
        status,
        text,
        contentRange,
      ]);
    }
    for (const range of ["bytes=10-", "bytes=10-12", "bytes=-0"]) {
      const answer = await read(bob, id, "", { range });
      expect([range, answer.status, answer.json.code]).toEqual([range, 416, "range_invalid"]);
      expect(answer.headers.get("content-range")).toBe("bytes */10");
    }
    expect((await read(bob, id, "", { range: "bytes=0-1", "if-range": `"${id}"` })).status).toBe(206);
    expect((await read(bob, id, "", { range: "bytes=0-1", "if-range": '"other"' })).status).toBe(200);
    const known = await read(bob, id, "", { "if-none-match": `"${id}"` });
    expect([known.status, known.text]).toEqual([304, ""]);
    const head = await request(server, "HEAD", `/files/${id}/x`, { cookie: bob.cookie });
    expect([head.status, head.text, head.headers.get("content-length")]).toEqual([200, "", "10"]);
    expect((await read(bob, id, "?size=360")).json.code).toBe("file_not_found");
    expect((await read(bob, id, "?size=7")).status).toBe(422);
  });

  it("[FILE16] who reads the room reads its files, and nobody else: password rooms", async () => {
    const closed = await makeRoom(server, { privacy: "password", password: "sesame" });
    const open = (person: Person) =>
      person.request("POST", `/rooms/${closed}/verify-password`, { body: { password: "sesame" } });
    for (const person of [alice, bob]) await open(person);
    const id = await file(alice, closed);
    await send(alice, [id], {}, closed);
    const stranger = await makeGuest(server, newName());
    expect((await read(bob, id)).status).toBe(200);
    for (const person of [stranger, null])
      expect((await read(person, id)).json.code).toBe("password_required");
    await bob.request("POST", `/rooms/${closed}/join`, { body: { user_id: bob.id } });
    await inDatabase(
      server,
      (sql) =>
        sql`update room_members set banned_at = now() where room_id = ${closed} and user_id = ${bob.id}`,
    );
    expect((await read(bob, id)).json.code).toBe("banned");
    expect((await bob.request("GET", `/rooms/${closed}/messages`)).json.code).toBe("banned");
  });

  it("[FILE16] who reads the room reads its files, and nobody else: private conversations", async () => {
    const direct = await openSocket(server, "dm", alice.id, { cookie: alice.cookie });
    direct.send({ type: "dm_message", receiver_id: bob.id, content: "hi", client_id: "1" });
    const { message } = await direct.next("dm_message");
    const id = await file(alice, message.room_id);
    expect((await send(alice, [id], {}, message.room_id)).status).toBe(200);
    const stranger = await makeGuest(server, newName());
    expect([
      (await read(bob, id)).status,
      (await read(stranger, id)).status,
      (await read(null, id)).status,
    ]).toEqual([200, 403, 403]);
    expect((await stranger.request("POST", `/rooms/${message.room_id}/file-key`)).status).toBe(403);
    await direct.close();
  });

  it("[FILE17] a key opens a room's files without a cookie, by the right of whoever asked, for a short time", async () => {
    const closed = await makeRoom(server, { privacy: "password", password: "sesame" });
    const account = await makeAccount(server, newName());
    for (const person of [alice, account])
      await person.request("POST", `/rooms/${closed}/verify-password`, { body: { password: "sesame" } });
    const id = await file(alice, closed);
    await send(alice, [id], {}, closed);
    expect((await request(server, "POST", `/rooms/${closed}/file-key`)).json.code).toBe("password_required");
    const { json } = await account.request("POST", `/rooms/${closed}/file-key`);
    const left = Date.parse(json.expires_at) - Date.now();
    expect([left > 60 * 60 * 1000, left <= 2 * 60 * 60 * 1000]).toEqual([true, true]);
    expect((await account.request("POST", `/rooms/${closed}/file-key`)).json.key).toBe(json.key);
    const withKey = (key: string, file = id) => read(null, file, `?key=${key}`);
    expect((await withKey(json.key)).text).toBe("0123456789");
    const elsewhere = await file();
    await send(alice, [elsewhere]);
    expect((await withKey(json.key, elsewhere)).json.code).toBe("file_not_found");
    const [payload = "", signature = ""] = json.key.split(".");
    const later = JSON.parse(Buffer.from(payload, "base64url").toString());
    const forged = Buffer.from(JSON.stringify([later[0], later[1], later[2], later[3] + 9_999])).toString(
      "base64url",
    );
    for (const key of [
      "",
      "x",
      ".",
      payload,
      `${payload}.`,
      `${forged}.${signature}`,
      `${payload}.${signature}.x`,
    ])
      expect([key, (await withKey(key)).status]).toEqual([key, 403]);
    // A sign-out takes the device's grants, and with them what its key opened.
    await account.request("POST", "/auth/logout");
    expect((await withKey(json.key)).json.code).toBe("password_required");
  });

  it("[FILE17] a key ends with its session", async () => {
    const [carol, dave] = [
      await makeAccount(server, newName("carol")),
      await makeGuest(server, newName("dave")),
    ];
    const direct = await openSocket(server, "dm", dave.id, { cookie: dave.cookie });
    direct.send({ type: "dm_message", receiver_id: carol.id, content: "hi", client_id: "1" });
    const { room_id } = (await direct.next("dm_message")).message;
    const id = await file(dave, room_id);
    await send(dave, [id], {}, room_id);
    const { key } = (await carol.request("POST", `/rooms/${room_id}/file-key`)).json;
    expect((await read(null, id, `?key=${key}`)).status).toBe(200);
    const login = await request(server, "POST", "/auth/login", {
      body: { username: carol.name, password: PASSWORD },
    });
    const changed = await request(server, "PUT", `/users/${carol.id}/password`, {
      token: login.json.token,
      body: { new_password: "another long one", current_password: PASSWORD },
    });
    expect(changed.status).toBe(200);
    expect((await read(null, id, `?key=${key}`)).status).toBe(403);
    expect((await read(carol, id)).status).toBe(403);
    await direct.close();
  });
});
