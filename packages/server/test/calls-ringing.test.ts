import { createHmac } from "node:crypto";
import { LIMITS, type RoomSummary } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTab } from "./support/call.js";
import {
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  type Person,
  request,
  until,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, readCall, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const SECRET = "a secret of many letters";
const TURN_URL = "turn:turn.example:3478";

describeWithDatabase("calls that ring", () => {
  let server: TestServer;
  beforeAll(async () => {
    const turn = { stunUrls: ["stun:turn.example:3478"], turnUrls: [TURN_URL], secret: SECRET };
    server = await startTestServer({ turn });
  });
  afterAll(async () => {
    await server.close();
  });

  async function member(room: string, stem: string): Promise<Person> {
    const person = await makeGuest(server, newName(stem));
    await person.request("POST", `/rooms/${room}/join`, { body: { user_id: person.id } });
    return person;
  }

  async function inboxOf(person: Person) {
    const inbox = await openSocket(server, "dm", person.id, { cookie: person.cookie, query: { inbox: 1 } });
    await inbox.next("inbox_ready");
    return inbox;
  }

  /** The newest message of a room as its member's list tells it. */
  async function previewFor(person: Person, room: string): Promise<RoomSummary["last_message"]> {
    const { json } = await person.request("GET", `/users/${person.id}/rooms?room_id=${room}`);
    return (json as RoomSummary[])[0]?.last_message ?? null;
  }

  it("[CALL9] a call rings members wherever they are; who comes or declines hears it no more, on any device", async () => {
    const room = await makeRoom(server);
    const [ben, carl, dora] = [
      await member(room, "ben"),
      await member(room, "carl"),
      await member(room, "dora"),
    ];
    const stranger = await makeGuest(server, newName("eve"));
    const [inbox, foreign] = [await inboxOf(carl), await inboxOf(stranger)];
    const ann = await openTab(server, room, newName("ann"));
    await ann.join();
    await inbox.next("call-info", ({ call }) => call?.people.length === 1 && call.ringing.length === 0);
    ann.send({ type: "call-ring", user_ids: [ben.id, carl.id, stranger.id, ann.person.id] });
    const ringing = await inbox.next("call-info", ({ call }) => (call?.ringing.length ?? 0) > 0);
    expect([...(ringing.call?.ringing ?? [])].sort()).toEqual([ben.id, carl.id].sort());
    expect(foreign.frames.some(({ type }) => type === "call-info")).toBe(false);
    // One who opens the application now hears it too.
    const late = await inboxOf(carl);
    expect((await late.next("call-info")).call?.ringing).toContain(carl.id);

    const declined = await carl.request("POST", `/rooms/${room}/call/decline`, { body: {} });
    expect(declined.json).toEqual({ success: true });
    await inbox.next("call-info", ({ call }) => call?.ringing.length === 1);
    const tab = await openTab(server, room, ben);
    await tab.join();
    await inbox.next("call-info", ({ call }) => call?.people.length === 2 && call.ringing.length === 0);
    // Whoever declined has answered: this call rings there no more, however often it rings.
    ann.send({ type: "call-ring" });
    ann.send({ type: "call-ring", user_ids: [carl.id] });
    const again = await inbox.next("call-info", ({ call }) => call?.ringing.includes(dora.id) === true);
    expect(again.call?.ringing).toEqual([dora.id]);
    for (const one of [ann, tab]) one.send({ type: "call-leave" });
    await inbox.next("call-info", ({ call }) => call === null);

    await until(async () => (await readCall(server, room))?.call?.ended_at != null, "its end is noted");
    const { call, user_id, content } = (await readCall(server, room)) ?? {};
    expect(user_id).toBe(ann.person.id);
    expect(call?.people).toEqual([ann.person.id, ben.id]);
    expect(call).toMatchObject({ missed: [dora.id], declined: [carl.id] });
    expect(content).toBe("Had a short call.");
    expect(await previewFor(ann.person, room)).toMatchObject({ about: "call" });
  });

  it("[CALL9] it rings at most 32 people at a time", async () => {
    const room = await makeRoom(server);
    const ann = await openTab(server, room, newName("ann"));
    await ann.join();
    const user_ids = Array.from({ length: LIMITS.callRinging + 1 }, newId);
    ann.send({ type: "call-ring", user_ids });
    expect(await ann.socket.next("error")).toMatchObject({ code: "invalid_frame" });
    for (const id of user_ids)
      await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id, username: newName() } });
    ann.send({ type: "call-ring" });
    expect(await ann.refusal()).toMatchObject({ of: "call-ring", code: "rule_broken" });
  });

  it("[CALL10] [INBOX6] a call is one message of whoever began it, for every client, and nobody can write one", async () => {
    const room = await makeRoom(server);
    const seed = await openSocket(server, room, newId());
    const watcher = await openResumed(server, room);
    const ann = await openTab(server, room, newName("ann"));
    const { call_id } = await ann.join();
    const line = await seed.next("message");
    expect(line).toMatchObject({ id: call_id, user_id: ann.person.id, content: "Started a call.", seq: 1 });
    const begun = { ended_at: null, people: [ann.person.id], missed: [], declined: [] };
    expect((await watcher.next("message")).call).toEqual(begun);
    const other = await member(room, "ben");
    ann.send({ type: "call-ring", user_ids: [other.id] });
    await watcher.next("call-info", ({ call }) => call?.ringing.length === 1);
    ann.send({ type: "call-leave" });
    const { message } = await watcher.next("message_updated");
    expect(message).toMatchObject({ id: call_id, content: "Missed call.", edited_at: null, updated_seq: 2 });
    expect(message.call).toMatchObject({ people: [ann.person.id], missed: [other.id], declined: [] });
    expect(Date.parse(message.call?.ended_at ?? "")).toBeGreaterThanOrEqual(Date.parse(message.timestamp));
    expect(await previewFor(other, room)).toMatchObject({ id: call_id, about: "missed_call" });

    const edited = await ann.person.request("PATCH", `/rooms/${room}/messages/${call_id}`, {
      body: { user_id: ann.person.id, content: "forged" },
    });
    expect(edited).toMatchObject({ status: 400, json: { code: "rule_broken" } });

    const forged = { call: { ...begun, people: [other.id] }, id: newId(), extra: { call: begun } };
    ann.send({ type: "message", content: "forged", ...forged });
    expect((await watcher.next("message", ({ content }) => content === "forged")).call).toBeUndefined();
    const posted = await other.request("POST", `/rooms/${room}/messages`, {
      body: { user_id: other.id, content: "forged too", type: "call", ...forged },
    });
    expect(posted.json.call).toBeUndefined();
    expect((await readHistory(server, room)).filter(({ call }) => call)).toHaveLength(1);
  });

  it("[CALL11] members alone get TURN credentials of their own, for an hour, never from a cache", async () => {
    const room = await makeRoom(server);
    const ben = await member(room, "ben");
    const before = Math.floor(Date.now() / 1000);
    const answer = await ben.request("GET", `/rooms/${room}/ice-servers`);
    const [stun, turn] = answer.json.ice_servers;
    expect(stun).toEqual({ urls: ["stun:turn.example:3478"] });
    const [expiry, userId] = turn.username.split(/:(.*)/);
    expect(userId).toBe(ben.id);
    expect(Number(expiry) - before).toBeGreaterThanOrEqual(3_600);
    expect(Number(expiry) - before).toBeLessThan(3_660);
    expect(Date.parse(answer.json.expires_at)).toBe(Number(expiry) * 1000);
    expect(turn.urls).toEqual([TURN_URL]);
    expect(turn.credential).toBe(createHmac("sha1", SECRET).update(turn.username).digest("base64"));
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const outsider = await makeGuest(server, newName("eve"));
    expect((await outsider.request("GET", `/rooms/${room}/ice-servers`)).status).toBe(403);
    expect((await outsider.request("GET", `/rooms/${room}/ice-servers?user_id=${ben.id}`)).status).toBe(403);
    expect((await request(server, "GET", `/rooms/${room}/ice-servers`)).status).toBe(401);
    expect((await outsider.request("GET", `/rooms/${newId()}/ice-servers`)).status).toBe(404);
    await ben.request("POST", `/rooms/${room}/leave`, { body: { user_id: ben.id } });
    expect((await ben.request("GET", `/rooms/${room}/ice-servers`)).status).toBe(403);
  });
});
