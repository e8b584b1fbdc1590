import { randomUUID } from "node:crypto";
import { type CallLeg, TIMING } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offer, openTab, SEEN, SILENT, type Tab } from "./support/call.js";
import { makeGuest, makeRoom, newId, newName, openSocket, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, openResumed, readCall } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const names = (legs: readonly CallLeg[]) => legs.map(({ username }) => username);

describeWithDatabase("calls", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  /** Tabs in one room's call, the first one its beginner. */
  async function callOf(...people: string[]): Promise<{ room: string; tabs: Tab[]; callId: string }> {
    const room = await makeRoom(server);
    const tabs: Tab[] = [];
    let callId = "";
    for (const name of people) {
      const tab = await openTab(server, room, name);
      callId = (await tab.join()).call_id;
      tabs.push(tab);
    }
    return { room, tabs, callId };
  }

  async function pair(): Promise<{ room: string; ann: Tab; ben: Tab; callId: string }> {
    const { room, tabs, callId } = await callOf("ann", "ben");
    const [ann, ben] = tabs;
    if (!ann || !ben) throw new Error("nobody came");
    return { room, ann, ben, callId };
  }

  it("[CALL1] a room has one call; those in it get all of its state, everybody else in the room who is in it", async () => {
    const room = await makeRoom(server);
    const watcher = await openResumed(server, room);
    expect(watcher.frames.find(({ type }) => type === "welcome")).toMatchObject({ call: null });
    const [ann, ben] = [await openTab(server, room, "ann"), await openTab(server, room, "ben")];
    const begun = await ann.join({ media: SEEN });
    expect(begun).toMatchObject({ mode: "mesh", started_by: ann.person.id, locked: false, lobby: false });
    expect(begun.legs).toMatchObject([
      { leg_id: ann.legId, user_id: ann.person.id, username: "ann", media: SEEN, hand: null, away: false },
    ]);
    const info = await watcher.next("call-info");
    expect(info.call).toMatchObject({ call_id: begun.call_id, people: [ann.person.id], full: false });

    const joined = await ben.join();
    expect(joined.call_id).toBe(begun.call_id);
    expect(names(joined.legs)).toEqual(["ann", "ben"]);
    const [first, second] = joined.legs;
    expect(second?.order).toBeGreaterThan(first?.order ?? 0);
    const seen = await ann.state(({ legs }) => legs.length === 2);
    expect(seen.rev).toBe(joined.rev);
    expect(seen.rev).toBeGreaterThan(begun.rev);
    await watcher.next("call-info", ({ call }) => call?.people.length === 2);
    const late = await openResumed(server, room);
    expect(late.frames.find(({ type }) => type === "welcome")).toMatchObject({
      call: { call_id: begun.call_id, people: [ann.person.id, ben.person.id] },
    });
    expect(watcher.frames.some(({ type }) => type === "call-state")).toBe(false);

    ben.send({ type: "call-leave" });
    expect(await ben.socket.next("call-left")).toMatchObject({ leg_id: ben.legId, reason: "left" });
    await ann.state(({ legs }) => legs.length === 1);
    ann.send({ type: "call-leave" });
    await watcher.next("call-info", ({ call }) => call === null);
    expect((await ben.join()).call_id).not.toBe(begun.call_id);
  });

  it("[CALL1] clients without a cursor see nothing of calls and cannot join one", async () => {
    const room = await makeRoom(server);
    const seed = await openSocket(server, room, newId());
    const { tabs } = { tabs: [await openTab(server, room, "ann")] };
    await tabs[0]?.join();
    seed.send({ type: "call-join", leg_id: randomUUID(), media: SILENT });
    expect(await seed.next("call-error")).toMatchObject({ of: "call-join", code: "rule_broken" });
    seed.send({ content: "hello" });
    await seed.next("message", ({ content }) => content === "hello");
    const kinds = new Set(seed.frames.map(({ type }) => type));
    expect([...kinds].filter((type) => type.startsWith("call-"))).toEqual(["call-error"]);
  });

  it("[CALL2] a signal reaches its one leg, from the leg that sent it, whatever the frame says", async () => {
    const { room, ann, ben } = await pair();
    const carl = await openTab(server, room, "carl");
    await carl.join();
    const signal = offer();
    carl.send({
      type: "call-signal",
      to: ann.legId,
      signal,
      from: ben.legId,
      from_user_id: ben.person.id,
      call_id: "x",
    });
    const got = await ann.socket.next("call-signal");
    expect(got).toMatchObject({ from: carl.legId, signal, room_id: room });
    expect(got.call_id).not.toBe("x");
    ann.send({ type: "call-hand", raised: true });
    await ben.state(({ legs }) => legs.some(({ hand }) => hand !== null));
    expect(ben.socket.frames.some(({ type }) => type === "call-signal")).toBe(false);
  });

  it("[CALL2] nobody outside of the call, in another room or in the lobby reaches into it", async () => {
    const { room, ann, ben } = await pair();
    const elsewhere = await openTab(server, await makeRoom(server), "eve");
    await elsewhere.join();
    elsewhere.send({ type: "call-signal", to: ann.legId, signal: offer() });
    expect(await elsewhere.refusal()).toMatchObject({ code: "call_leg_gone", target: ann.legId });
    const watcher = await openTab(server, room, "eve");
    for (const frame of [
      { type: "call-signal", to: ann.legId, signal: offer() },
      { type: "call-media", media: SEEN },
      { type: "call-hand", raised: true },
      { type: "call-reaction", emoji: "x" },
      { type: "call-ring" },
      { type: "call-moderate", action: "end" },
    ]) {
      watcher.send(frame);
      expect(await watcher.refusal()).toMatchObject({ of: frame.type, code: "not_in_call" });
    }
    ann.send({ type: "call-moderate", action: "lobby" });
    await ann.state(({ lobby }) => lobby);
    watcher.send({ type: "call-join", leg_id: watcher.legId, media: SEEN });
    await watcher.socket.next("call-waiting");
    watcher.send({ type: "call-signal", to: ann.legId, signal: offer() });
    expect(await watcher.refusal()).toMatchObject({ code: "not_in_call" });
    expect(ann.socket.frames.concat(ben.socket.frames).some(({ type }) => type === "call-signal")).toBe(
      false,
    );
  });

  it("[CALL3] signals are bounded in shape and size", async () => {
    const { ann, ben } = await pair();
    ann.send({ type: "call-signal", to: ben.legId, signal: offer(63 * 1024) });
    await ben.socket.next("call-signal");
    ann.send({ type: "call-signal", to: ben.legId, signal: offer(65 * 1024) });
    expect(await ann.refusal()).toMatchObject({ of: "call-signal", code: "body_too_large" });
    for (const signal of [
      null,
      { pair: "short", to_pair: null },
      { pair: randomUUID(), to_pair: null, description: { type: "pranswer", sdp: "" } },
      { pair: randomUUID(), to_pair: null, candidate: { candidate: "x".repeat(2_001) } },
    ]) {
      ann.send({ type: "call-signal", to: ben.legId, signal });
      expect(await ann.socket.next("error")).toMatchObject({ code: "invalid_frame" });
    }
  });

  it("[CALL4] at most 8 legs, and 4 with a camera or screen; the fifth camera comes in without its picture", async () => {
    const { room, tabs } = await callOf("aa", "bb", "cc");
    for (const tab of tabs) tab.send({ type: "call-media", media: SEEN });
    const fourth = await openTab(server, room, "dd");
    await fourth.join({ media: { ...SILENT, screen: true } });
    const fifth = await openTab(server, room, "ee");
    const state = await fifth.join({ media: SEEN });
    expect(state.legs.at(-1)?.media).toEqual({ audio: true, video: false, screen: false });
    expect(await fifth.refusal()).toMatchObject({ code: "call_senders_full" });
    fifth.send({ type: "call-media", media: { ...SEEN, screen: true } });
    expect(await fifth.refusal()).toMatchObject({ of: "call-media", code: "call_senders_full" });
    // Who sends already may change from one kind to the other; a place that is free again is taken.
    fourth.send({ type: "call-media", media: SILENT });
    await fourth.state(({ legs }) => legs[3]?.media.screen === false);
    fifth.send({ type: "call-media", media: SEEN });
    await fifth.state(({ legs }) => legs[4]?.media.video === true);

    const others = await Promise.all(["ff", "gg", "hh"].map((name) => openTab(server, room, name)));
    for (const tab of others) await tab.join();
    const ninth = await openTab(server, room, "ii");
    await until(
      () =>
        ninth.socket.frames.some(
          (frame) => (frame.type === "call-info" || frame.type === "welcome") && frame.call?.full === true,
        ),
      "told that it is full",
    );
    ninth.send({ type: "call-join", leg_id: ninth.legId, media: SILENT });
    expect(await ninth.refusal()).toMatchObject({ of: "call-join", code: "call_full" });
  });

  it("[CALL4] nobody fills a call alone: a fifth place of one user is refused, and others come in", async () => {
    const { room, tabs } = await callOf("aa");
    const person = tabs[0]?.person ?? "aa";
    for (let n = 0; n < 3; n += 1) await (await openTab(server, room, person)).join();
    const fifth = await openTab(server, room, person);
    fifth.send({ type: "call-join", leg_id: fifth.legId, media: SILENT });
    expect(await fifth.refusal()).toMatchObject({ of: "call-join", code: "rule_broken" });
    const other = await openTab(server, room, "bb");
    expect((await other.join()).legs).toHaveLength(5);
  });

  it("[CALL5] a lost socket keeps the leg for a while: no second tile, and signals wait for it", async () => {
    const { ann, ben, callId } = await pair();
    const { order } = (await ann.state()).legs[1] ?? {};
    ben.socket.ws.terminate();
    const away = await ann.state(({ legs }) => legs[1]?.away === true);
    expect(away.legs).toHaveLength(2);
    const signal = offer();
    ann.send({ type: "call-signal", to: ben.legId, signal });
    await ben.reopen();
    const back = await ben.join({ call_id: callId, media: SEEN });
    expect(back.legs).toMatchObject([
      { leg_id: ann.legId },
      { leg_id: ben.legId, order, away: false, media: SEEN },
    ]);
    expect((await ben.socket.next("call-signal")).signal).toEqual(signal);
    await ann.state(({ legs }) => legs.length === 2 && legs[1]?.away === false);
  });

  it("[CALL5] the same leg over another socket replaces the first; nobody else can take it", async () => {
    const { room, ann, ben, callId } = await pair();
    const before = ben.socket;
    await ben.reopen();
    await ben.join({ call_id: callId });
    expect(await before.next("call-left")).toMatchObject({ reason: "replaced" });
    await before.close();
    const eve = await openTab(server, room, "eve");
    eve.send({ type: "call-join", leg_id: ben.legId, media: SILENT });
    expect(await eve.refusal()).toMatchObject({ of: "call-join", code: "rule_broken" });
    const state = await ann.state(({ legs }) => legs.length === 2);
    expect(state.legs.every(({ away }) => !away)).toBe(true);
  });

  it("[CALL5] who stays away for too long is out, and comes in anew with another order", async () => {
    const { ann, ben, callId } = await pair();
    const { order = 0 } = (await ann.state(({ legs }) => legs.length === 2)).legs[1] ?? {};
    const leftAt = performance.now();
    ben.socket.ws.terminate();
    await until(
      () =>
        ann.socket.frames.some(
          (frame) => frame.type === "call-state" && frame.call.legs.length === 1 && frame.call.rev > 3,
        ),
      "the leg has expired",
      TIMING.callGrace * 3,
    );
    expect(performance.now() - leftAt).toBeGreaterThan(TIMING.callGrace - 1_000);
    await ben.reopen();
    const again = await ben.join({ call_id: callId });
    expect(again.legs[1]?.order).toBeGreaterThan(order);
  });

  it("[CALL6] a restart of the server ends no call: who comes back is in the same one", async () => {
    const own = await startTestServer();
    const room = await makeRoom(own);
    const [ann, ben] = [await openTab(own, room, "ann"), await openTab(own, room, "ben")];
    const begun = await ann.join();
    await ben.join();
    const { started_at, call_id, epoch } = begun;
    await until(async () => (await readCall(own, room)) !== undefined, "the call is in the history");
    await own.restart();
    // The second comes first: the call is still the one that the other began.
    await ben.reopen();
    const revived = await ben.join({ call_id });
    expect(revived).toMatchObject({ call_id, started_by: ann.person.id });
    expect(revived.epoch).not.toBe(epoch);
    expect(Math.abs(Date.parse(revived.started_at) - Date.parse(started_at))).toBeLessThan(5_000);
    await ann.reopen();
    const both = await ann.join({ call_id });
    expect(names(both.legs)).toEqual(["ben", "ann"]);
    for (const tab of [ann, ben]) tab.send({ type: "call-leave" });
    await until(async () => (await readCall(own, room))?.call?.ended_at != null, "its end is noted");
    expect((await readCall(own, room))?.call?.people.sort()).toEqual([ann.person.id, ben.person.id].sort());
    ann.send({ type: "call-join", leg_id: ann.legId, media: SILENT, call_id });
    expect(await ann.refusal()).toMatchObject({ code: "call_ended" });
    ann.send({ type: "call-join", leg_id: ann.legId, media: SILENT, call_id: randomUUID() });
    expect(await ann.refusal()).toMatchObject({ code: "call_ended" });
    await own.close();
  });

  /** Waits until the database has what a restart must not forget. */
  async function untilKept(own: TestServer, room: string, fields: Record<string, unknown>): Promise<void> {
    const text = (value: unknown) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
    await inDatabase(own, (sql) =>
      until(
        async () => {
          const [row] = await sql`select * from calls where room_id = ${room}`;
          return Object.entries(fields).every(([name, value]) => text(row?.[name]) === text(value));
        },
        `kept: ${JSON.stringify(fields)}`,
      ),
    );
  }

  it("[CALL6] who comes anew before the others are back is in their call, and does not end or lead it", async () => {
    const own = await startTestServer();
    const room = await makeRoom(own);
    const [ann, ben, carl] = [
      await openTab(own, room, "ann"),
      await openTab(own, room, "ben"),
      await openTab(own, room, "carl"),
    ];
    const { call_id } = await ann.join();
    await ben.join();
    await untilKept(own, room, { call_id, inside: [ann.person.id, ben.person.id] });
    await own.restart();
    await carl.reopen();
    const found = await carl.join();
    expect(found).toMatchObject({ call_id, started_by: ann.person.id });
    expect(found.legs).toMatchObject([{ user_id: carl.person.id, moderator: false }]);
    carl.send({ type: "call-moderate", action: "end" });
    expect(await carl.refusal()).toMatchObject({ code: "forbidden" });
    carl.send({ type: "call-leave" });
    await carl.socket.next("call-left");
    await ben.reopen();
    const back = await ben.join({ call_id });
    expect(back.legs).toMatchObject([{ user_id: ben.person.id, moderator: true }]);
    await ann.reopen();
    const both = await ann.join({ call_id });
    expect(both.legs.map(({ moderator }) => moderator)).toEqual([false, true]);
    // Everybody who was awaited is back: now the last one to leave ends it.
    for (const tab of [ann, ben]) tab.send({ type: "call-leave" });
    await carl.socket.next("call-info", ({ call }) => call === null);
    await own.close();
  });

  it("[CALL6] lock, lobby and whom it removed outlive a restart; who was in it comes back past them", async () => {
    const own = await startTestServer();
    const person = await makeGuest(own, newName("host"));
    const room = await makeRoom(own, { created_by: person.id });
    const [host, ben, carl, eve] = [
      await openTab(own, room, person),
      await openTab(own, room, "ben"),
      await openTab(own, room, "carl"),
      await openTab(own, room, "eve"),
    ];
    const { call_id } = await host.join();
    await ben.join();
    await eve.join();
    const act = (action: string, target?: Tab) =>
      host.send({ type: "call-moderate", action, ...(target ? { target: target.legId } : {}) });
    act("remove", eve);
    act("lock");
    const inside = [host.person.id, ben.person.id];
    await untilKept(own, room, { locked: true, lobby: false, removed: [eve.person.id], inside });
    await own.restart();
    for (const tab of [host, ben, carl, eve]) await tab.reopen();
    for (const [tab, code] of [
      [eve, "call_removed"],
      [carl, "call_locked"],
    ] as const) {
      tab.send({ type: "call-join", leg_id: tab.legId, media: SILENT });
      expect(await tab.refusal()).toMatchObject({ of: "call-join", code });
    }
    expect(await ben.join({ call_id })).toMatchObject({ call_id, locked: true, lobby: false });
    await host.join({ call_id });
    act("unlock");
    act("lobby");
    await untilKept(own, room, { locked: false, lobby: true, removed: [eve.person.id], inside });
    await own.restart();
    for (const tab of [host, ben, carl]) await tab.reopen();
    carl.send({ type: "call-join", leg_id: carl.legId, media: SILENT });
    await carl.socket.next("call-waiting");
    expect(await ben.join({ call_id })).toMatchObject({ call_id, lobby: true });
    const back = await host.join({ call_id });
    expect(back.waiting).toMatchObject([{ leg_id: carl.legId }]);
    act("end");
    await carl.socket.next("call-left", ({ reason }) => reason === "ended");
    await own.close();
  });

  it("[CALL6] who leaves while the call is being found again is not in it", async () => {
    const own = await startTestServer();
    const room = await makeRoom(own);
    const [ann, ben] = [await openTab(own, room, "ann"), await openTab(own, room, "ben")];
    const { call_id } = await ann.join();
    await ben.join();
    await until(async () => (await readCall(own, room)) !== undefined, "the call is in the history");
    await own.restart();
    await ben.reopen();
    ben.send({ type: "call-join", leg_id: ben.legId, media: SILENT, call_id });
    ben.send({ type: "call-leave" });
    await ann.reopen();
    expect(names((await ann.join({ call_id })).legs)).toEqual(["ann"]);
    ann.send({ type: "call-hand", raised: true });
    const later = await ann.state(({ legs }) => legs[0]?.hand === 1);
    expect(names(later.legs)).toEqual(["ann"]);
    await own.close();
  });

  it("[CALL7] leaving the room and the end of a session end the leg at once", async () => {
    const room = await makeRoom(server);
    const ann = await openTab(server, room, "ann");
    await ann.join();
    const ben = await openTab(server, room, "ben");
    await ben.join();
    await ann.state(({ legs }) => legs.length === 2);
    await ben.person.request("POST", `/rooms/${room}/leave`, { body: { user_id: ben.person.id } });
    expect(await ben.socket.next("call-left")).toMatchObject({ reason: "left_room" });
    expect(names((await ann.state(({ legs }) => legs.length === 1)).legs)).toEqual(["ann"]);
    await ben.socket.closed;

    // A guest whose id is taken by its owner's session: the open socket is closed with 4403.
    const guest = await makeGuest(server, newName("open"));
    const open = await openResumed(server, room, { user: guest.id });
    open.send({ type: "call-join", leg_id: randomUUID(), media: SILENT });
    const { rev } = await ann.state(({ legs }) => legs.length === 2 && legs[1]?.user_id === guest.id);
    await guest.request("GET", "/users?limit=1");
    expect((await open.closed).code).toBe(4403);
    await ann.state((call) => call.legs.length === 1 && call.rev > rev);
  });

  it("[CALL7] who is put out is out of the call before the close is answered", async () => {
    const { room, ann, ben } = await pair();
    const guest = await makeGuest(server, newName("open"));
    const open = await openResumed(server, room, { user: guest.id });
    open.send({ type: "call-join", leg_id: randomUUID(), media: SILENT });
    const { rev } = await ann.state(({ legs }) => legs.length === 3);
    // A client that reads nothing answers no close: the server waits ten seconds for it.
    open.ws.pause();
    await guest.request("GET", "/users?limit=1");
    const askedAt = performance.now();
    await ann.state((call) => call.legs.length === 2 && call.rev > rev);
    expect(performance.now() - askedAt).toBeLessThan(6_000);
    await ben.state((call) => call.legs.length === 2 && call.rev > rev);
    open.ws.resume();
    expect((await open.closed).code).toBe(4403);
  });
});
