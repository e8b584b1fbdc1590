import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  makeGuest,
  makeRoom,
  newId,
  openSocket,
  type Person,
  request,
  type Socket,
  until,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { type DatabaseProxy, startDatabaseProxy } from "./support/database-proxy.js";
import { inDatabase, numbersOf, openResumed, post, range, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** A message that is stored under this text takes the database a moment, so that its sender is long gone. */
const SLOW = "slow";

describeWithDatabase("continuity of publishing", () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let server: TestServer;
  let other: TestServer;
  let room: string;
  let watcher: Socket;
  let seed: Socket;
  const user = newId();

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startDatabaseProxy(database.url);
    server = await startTestServer({}, { database: { ...database, url: proxy.url } });
    other = await startTestServer({}, { database });
    await inDatabase({ databaseUrl: database.url }, async (sql) => {
      await sql.unsafe(`
        create function slow_down() returns trigger language plpgsql as $$
        begin
          if new.content like '${SLOW}%' then perform pg_sleep(0.5); end if;
          return new;
        end $$;
        create trigger slow before insert or update on messages for each row execute function slow_down()`);
    });
  });
  afterAll(async () => {
    await server?.close();
    await other?.close();
    await proxy?.close();
    await database?.drop();
  });
  beforeEach(async () => {
    room = await makeRoom(server);
    watcher = await openResumed(server, room);
    seed = await openSocket(server, room, newId());
  });
  afterEach(async () => {
    await watcher.close();
    await seed.close();
  });

  const say = (content: string, fields: Record<string, unknown> = {}) =>
    request(server, "POST", `/rooms/${room}/messages`, { body: { user_id: user, content, ...fields } });
  const edit = (id: string, content: string) =>
    request(server, "PATCH", `/rooms/${room}/messages/${id}`, { body: { user_id: user, content } });
  const contents = ({ frames }: Socket) =>
    frames.flatMap((frame) => (frame.type === "message" && !frame.repeat ? [frame.content] : []));
  /** Every number up to the head came live as exactly one frame; the seeds' client has every message. */
  const expectWhole = async (head: number, messages: string[]) => {
    await until(() => numbersOf(watcher.frames).length >= head, `${head} numbers came`);
    expect(numbersOf(watcher.frames)).toEqual(range(1, head));
    await until(() => contents(seed).length >= messages.length, "the messages came to the seeds' client");
    expect(contents(seed)).toEqual(messages);
    const page = await request(server, "GET", `/rooms/${room}/messages?after=0`);
    expect(page.headers.get("x-next-after")).toBe(String(head));
  };

  it("[MSG3] a message whose commit was not answered is published before the room's next one", async () => {
    await say("first");
    const struck = proxy.strike({ sent: "unanswered", cut: { answer: "" } });
    const lost = await say("unanswered", { client_id: "u1" });
    await struck;
    expect([lost.status, lost.json.retry]).toEqual([503, true]);
    await until(async () => (await say("third")).status === 200, "the database is back");
    await expectWhole(3, ["first", "unanswered", "third"]);
    expect((await say("unanswered", { client_id: "u1" })).json.seq).toBe(2);
  });

  it("[MSG3] one that the database commits after its connection broke is waited for", async () => {
    await say("first");
    const struck = proxy.strike({ sent: `${SLOW} message`, cut: "at-once" });
    expect((await say(`${SLOW} message`)).status).toBe(503);
    await struck;
    // Nobody writes after it: it comes all the same.
    await expectWhole(2, ["first", `${SLOW} message`]);
    await say("third");
    await expectWhole(3, ["first", `${SLOW} message`, "third"]);
  });

  it("[MSG3] the very first write of a room since the start may be the one without an answer", async () => {
    const struck = proxy.strike({ sent: "very first", cut: { answer: "" } });
    expect((await say("very first")).status).toBe(503);
    await struck;
    await expectWhole(1, ["very first"]);
  });

  it("[MSG3] a change whose commit was not answered is published, and once", async () => {
    const { id } = await post(server, room, user, "first");
    const struck = proxy.strike({ sent: "edited unanswered", cut: { answer: "COMMIT\0" } });
    const lost = await edit(id, "edited unanswered");
    await struck;
    expect([lost.status, lost.json.retry]).toEqual([503, true]);
    await expectWhole(2, ["first"]);
    expect(watcher.frames.at(-1)).toMatchObject({
      type: "message_updated",
      message: { id, content: "edited unanswered", updated_seq: 2 },
    });
    expect((await edit(id, "edited unanswered")).json.updated_seq).toBe(2);
    await say("second");
    await expectWhole(3, ["first", "second"]);
  });

  it("[MSG3] a change that broke off before its commit leaves no trace", async () => {
    const { id } = await post(server, room, user, "first");
    const struck = proxy.strike({ sent: `${SLOW} edit`, cut: "at-once" });
    expect((await edit(id, `${SLOW} edit`)).status).toBe(503);
    await struck;
    await say("second");
    await expectWhole(2, ["first", "second"]);
    expect((await readHistory(server, room))[0]?.content).toBe("first");
  });

  it("[MSG3] a session that the network forgot does not hold its room for longer than ten seconds", async () => {
    const { id } = await post(server, room, user, "first");
    const elsewhere = await makeRoom(server);
    const struck = proxy.strike({ sent: "forgotten", cut: "silent" });
    expect((await edit(id, "forgotten")).status).toBe(503);
    await struck;
    await post(server, elsewhere, user, "other rooms go on");
    await say("second");
    await expectWhole(2, ["first", "second"]);
  });

  it("[MSG3] a deletion and a reaction without an answer come too", async () => {
    const [one, two] = [await post(server, room, user, "one"), await post(server, room, user, "two")];
    const path = `/rooms/${room}/messages`;
    for (const [method, address, sent] of [
      ["PUT", `${path}/${one.id}/reactions/marked`, "marked"],
      ["DELETE", `${path}/${two.id}?user_id=${user}`, two.id],
    ] as const) {
      const struck = proxy.strike({ sent, cut: { answer: "COMMIT\0" } });
      const body = method === "PUT" ? { body: { user_id: user } } : {};
      expect((await request(server, method, address, body)).status).toBe(503);
      await struck;
    }
    await expectWhole(4, ["one", "two"]);
    expect(watcher.frames.at(-1)).toMatchObject({ type: "message_deleted", id: two.id, updated_seq: 4 });
  });

  it("[MSG3] connections that break again and again under traffic leave no number out", async () => {
    let over = false;
    const breaking = (async () => {
      for (let n = 0; n < 12; n++)
        await proxy.strike({ sent: "burst", cut: n % 2 === 0 ? { answer: "" } : "at-once" });
      over = true;
    })();
    const sent: string[] = [];
    const send = async (name: string) => {
      for (let n = 0; !over; n++) {
        const content = `burst ${name} ${n}`;
        sent.push(content);
        await until(
          async () => (await say(content, { client_id: `${name}-${n}` })).status === 200,
          `${content} is stored`,
        );
      }
    };
    await Promise.all([breaking, ...["a", "b", "c", "d"].map(send)]);
    const history = (await readHistory(server, room, "limit=1000")).map(({ content }) => content);
    expect([...history].sort()).toEqual([...sent].sort());
    await expectWhole(sent.length, history);
  });

  it("[MSG3] what another process wrote comes before what this one writes next, number by number", async () => {
    await say("here 1");
    const elsewhere = await post(other, room, user, "there 2");
    const body = { user_id: user, content: "there 2, edited" };
    await request(other, "PATCH", `/rooms/${room}/messages/${elsewhere.id}`, { body });
    await request(other, "PATCH", `/rooms/${room}/messages/${elsewhere.id}`, {
      body: { ...body, content: "there 2, edited again" },
    });
    const gone = await post(other, room, user, "there 5, deleted");
    await request(other, "DELETE", `/rooms/${room}/messages/${gone.id}?user_id=${user}`);
    await say("here 7");
    await expectWhole(7, ["here 1", "there 2, edited again", "here 7"]);
    expect(watcher.frames.filter(({ type }) => type === "message_deleted")).toHaveLength(2);
  });

  it("[DM2] a direct message that is both unread and live comes once, in its place", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const inbox = (of: TestServer, { id, cookie }: Person) => openSocket(of, "dm", id, { cookie });
    const [here, there] = [await inbox(server, alice), await inbox(other, alice)];
    const say = async (socket: Socket, content: string) => {
      socket.send({ type: "dm_message", receiver_id: bob.id, content, client_id: content });
      await socket.next("dm_message", ({ message }) => message.client_id === content);
    };
    await say(here, "one");
    await say(there, "two");
    const bobs = await inbox(server, bob);
    await bobs.next("dm_message", ({ message }) => message.content === "two");
    // This process publishes what the other one stored now, before its own.
    await say(here, "three");
    await bobs.next("dm_message", ({ message }) => message.content === "three");
    const got = bobs.frames.flatMap((frame) => (frame.type === "dm_message" ? [frame.message.content] : []));
    expect(got).toEqual(["one", "two", "three"]);
    await Promise.all([here, there, bobs].map((socket) => socket.close()));
  });

  it("[DM2] unread and live ones join without a gap while messages flow", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const sender = await openSocket(server, "dm", alice.id, { cookie: alice.cookie });
    const inboxes: Socket[] = [];
    for (let n = 0; n < 150; n++) {
      sender.send({ type: "dm_message", receiver_id: bob.id, content: String(n) });
      if (n % 10 === 0) inboxes.push(await openSocket(server, "dm", bob.id, { cookie: bob.cookie }));
    }
    sender.send({ type: "dm_message", receiver_id: bob.id, content: "last" });
    for (const socket of inboxes) {
      await socket.next("dm_message", ({ message }) => message.content === "last");
      const got = socket.frames.flatMap((frame) => (frame.type === "dm_message" ? [frame.message.seq] : []));
      expect(got).toEqual(range(1, 151));
      await socket.close();
    }
    await sender.close();
  });

  it("[MSG3] a quiet room learns of it by the heartbeat, clients of the seeds too", {
    timeout: 90_000,
  }, async () => {
    const person = await makeGuest(other, "elsewhere");
    await post(other, room, person, "there 1");
    const arrived = () => contents(seed).length > 0;
    await expect.poll(arrived, { timeout: 30_000, interval: 100 }).toBe(true);
    await expectWhole(1, ["there 1"]);
  });
});
