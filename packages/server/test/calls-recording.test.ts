import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@parlor/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openTab, SEEN, SILENT, type Tab } from "./support/call.js";
import { makeRoom, newName, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { queryAt } from "./support/debian.js";
import { hasJanus, startJanus, type TestJanus, withoutJanus } from "./support/janus.js";
import { inDatabase, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const canRun = hasJanus && existsSync("/usr/bin/ffmpeg") && existsSync("/usr/bin/janus-pp-rec");
const skipped = canRun ? "" : `${withoutJanus} (skipped: no ffmpeg or janus-tools)`;

describeWithDatabase("calls that are recorded", () => {
  let janus: TestJanus;
  const servers: TestServer[] = [];
  beforeAll(async () => {
    if (canRun) janus = await startJanus();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  afterAll(() => janus?.close());

  async function start(overrides: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "parlor-recorded-"));
    const recording = { folder: join(dataDir, "recordings"), milliseconds: 3_600_000, bytes: 1e9 };
    const server = await startTestServer({ dataDir, recording, ...overrides });
    servers.push(server);
    return server;
  }

  async function talk(server: TestServer, count = 2): Promise<{ room: string; tabs: [Tab, ...Tab[]] }> {
    const room = await makeRoom(server);
    const first = await openTab(server, room, newName());
    await first.join({ media: SEEN });
    const tabs: [Tab, ...Tab[]] = [first];
    while (tabs.length < count) {
      const tab = await openTab(server, room, newName());
      await tab.join({ media: SEEN });
      tabs.push(tab);
    }
    return { room, tabs };
  }

  const record = (tab: Tab) => tab.send({ type: "call-moderate", action: "record" });
  const recorded = async (tab: Tab) => {
    const { recording, mode } = await tab.state((call) => call.recording !== null);
    if (!recording) throw new Error("it is not recorded");
    expect(mode).toBe("janus");
    return recording;
  };
  const filesOf = async (server: TestServer): Promise<string[]> => {
    const folder = join(server.dataDir, "recordings");
    while (existsSync(folder)) {
      try {
        return await readdir(folder, { recursive: true });
      } catch (error) {
        // One of its folders went while it was read.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    return [];
  };
  async function noteIn(server: TestServer, room: string): Promise<Message> {
    let found: Message | undefined;
    await until(async () => {
      found = (await readHistory(server, room)).find(({ recording }) => recording);
      return found !== undefined;
    }, "a message tells of the recording");
    if (!found) throw new Error("there is none");
    return found;
  }
  describe.skipIf(!canRun)(`with Janus and ffmpeg${skipped}`, () => {
    it("[CALL26] a moderator begins and ends it, nobody else; a small call moves to Janus for it", async () => {
      const server = await start({ janus: janus.config });
      const { room, tabs } = await talk(server);
      const [ann, ben] = tabs;
      if (!ben) throw new Error("nobody came");
      await until(async () => (await ann.join({ media: SEEN })).recordable, "the server knows that it can");
      record(ben);
      expect(await ben.refusal()).toMatchObject({ of: "call-moderate", code: "forbidden" });
      record(ann);
      const seen = await recorded(ben);
      expect(seen.by).toBe(ann.person.id);
      // Who is not in it knows it too, before they join.
      const carl = await openTab(server, room, newName());
      expect((await carl.socket.next("welcome")).call?.recording).toEqual(seen);
      // The same again changes nothing.
      record(ann);
      ben.send({ type: "call-moderate", action: "stop-recording" });
      expect(await ben.refusal()).toMatchObject({ code: "forbidden" });
      ann.send({ type: "call-moderate", action: "stop-recording" });
      await ben.state(({ recording }) => recording === null);
      const note = await noteIn(server, room);
      expect(note).toMatchObject({
        user_id: ann.person.id,
        recording: { id: seen.id, outcome: "empty", ended: "stopped" },
      });
      expect(note.attachments).toBeUndefined();
      await until(async () => (await filesOf(server)).length === 0, "nothing of it is left");
    });

    it("[CALL29] a recording ends at its longest time, and is noted so", async () => {
      const server = await start({ janus: janus.config });
      const folder = join(server.dataDir, "recordings");
      const short = await start({
        janus: janus.config,
        recording: { folder, milliseconds: 300, bytes: 1e9 },
      });
      const { room, tabs } = await talk(short, 1);
      record(tabs[0]);
      await recorded(tabs[0]);
      await tabs[0].state(({ recording }) => recording === null);
      expect((await noteIn(short, room)).recording).toMatchObject({ ended: "bound" });
    });

    it("[CALL29] one that the server was stopped in is noted after its next start; what can not be read, as failed", async () => {
      const server = await start({ janus: janus.config });
      const { room, tabs } = await talk(server, 1);
      record(tabs[0]);
      await recorded(tabs[0]);
      await server.restart();
      expect((await noteIn(server, room)).recording).toMatchObject({ ended: "restart", outcome: "empty" });
      // A recording whose files are lost, and one at which the server ended again and again.
      for (const tries of [0, 3]) {
        const other = await makeRoom(server);
        const [lost, user] = [randomUUID(), tabs[0].person.id];
        await queryAt(
          server.databaseUrl,
          `insert into parlor.recordings (id, room_id, call_id, started_by, started_at, ended, tries)
           values ('${lost}', '${other}', 'gone', '${user}', now(), 'stopped', ${tries})`,
        );
        if (tries > 0) await mkdir(join(server.dataDir, "recordings", lost), { recursive: true });
        await server.restart();
        expect(await noteIn(server, other)).toMatchObject({
          content: "The recording of the call could not be made ready.",
          recording: { id: lost, outcome: "failed" },
        });
      }
    });

    it("[CALL29] what a full disk refuses is tried again soon, and counts towards giving it up no more", async () => {
      const server = await start({ janus: janus.config });
      const { room, tabs } = await talk(server, 1);
      const id = randomUUID();
      await mkdir(join(server.dataDir, "recordings", id), { recursive: true });
      const ask = (query: string) => queryAt(server.databaseUrl, query);
      await ask(
        `insert into parlor.recordings (id, room_id, call_id, started_by, started_at, ended, tries)
         values ('${id}', '${room}', 'gone', '${tabs[0].person.id}', now(), 'stopped', 2);
         create sequence parlor.refusals;
         create function parlor.refuse() returns trigger language plpgsql as
         $$ begin perform nextval('parlor.refusals'); raise exception 'full' using errcode = 'disk_full'; end $$;
         create trigger refuse before insert on parlor.messages for each row execute function parlor.refuse()`,
      );
      try {
        await server.restart();
        // A sequence counts what was rolled back, too.
        await until(async () => {
          const [row] = await ask(
            `select is_called, tries from parlor.refusals, parlor.recordings where id = '${id}'`,
          );
          return row?.is_called === true && row.tries === 2;
        }, "a try was refused, and is not counted");
      } finally {
        await ask("drop function parlor.refuse cascade; drop sequence parlor.refusals");
      }
      expect((await noteIn(server, room)).recording).toMatchObject({ id, outcome: "empty" });
    });

    it("[CALL26] it is refused where the disk, or what the operator allows, has no room", async () => {
      const server = await start({ janus: janus.config, storageBytes: 1 });
      const { tabs } = await talk(server, 1);
      record(tabs[0]);
      expect(await tabs[0].refusal()).toMatchObject({ of: "call-moderate", code: "storage_full" });
      expect(await filesOf(server)).toEqual([]);
    });

    it("[CALL26] it is refused where ffmpeg or janus-pp-rec is missing, by name", async () => {
      const bin = await mkdtemp(join(tmpdir(), "parlor-bin-"));
      const path = process.env.PATH;
      try {
        await symlink("/usr/bin/janus-pp-rec", join(bin, "janus-pp-rec"));
        await chmod(bin, 0o755);
        process.env.PATH = bin;
        const server = await start({ janus: janus.config });
        const { tabs } = await talk(server, 1);
        record(tabs[0]);
        const refusal = await tabs[0].refusal();
        expect(refusal).toMatchObject({ code: "not_configured", retry: false });
        expect(refusal.detail).toContain("no ffmpeg");
        expect(refusal.detail).not.toContain("janus-pp-rec");
      } finally {
        process.env.PATH = path;
        await rm(bin, { recursive: true });
      }
    });
  });

  it("[ROOM9] [CALL29] what was recorded goes with its room, also after a stop, and while it is given up", async () => {
    const server = await start();
    const [shut, busy] = [await makeRoom(server), await makeRoom(server)];
    for (const room of [shut, busy]) {
      const id = randomUUID();
      await mkdir(join(server.dataDir, "recordings", id), { recursive: true });
      await inDatabase(
        server,
        (sql) => sql`
          insert into recordings (id, room_id, call_id, started_by, started_at, ended, tries)
          values (${id}, ${room}, 'call', 'somebody', now(), 'stopped', 9)`,
      );
    }
    expect(await filesOf(server)).toHaveLength(2);
    await inDatabase(server, async (sql, { transaction }) => {
      await sql`update rooms set kind = 'gone' where id = ${shut}`;
      await transaction(async (tx) => {
        await tx`select 1 from rooms where id = ${busy} for update`;
        await server.restart();
        await until(async () => (await filesOf(server)).length === 1, "the first is removed");
        const waits = () =>
          inDatabase(
            server,
            async (other) =>
              (
                await other`
                  select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
              ).length > 0,
          );
        await until(waits, "the second is about to be noted");
        await tx`update rooms set kind = 'gone' where id = ${busy}`;
      });
    });
    await until(async () => (await filesOf(server)).length === 0, "both are removed");
    const left = () => inDatabase(server, (sql) => sql`select id from recordings`);
    await until(async () => (await left()).length === 0, "nothing is known of them");
  });

  it("[CALL26] without Janus it is refused with a clear word, and so where Janus is away; the call goes on", async () => {
    const server = await start({ rateLimit: true });
    const { tabs } = await talk(server, 1);
    expect((await tabs[0].join({ media: SILENT })).recordable).toBe(false);
    record(tabs[0]);
    expect(await tabs[0].refusal()).toMatchObject({ of: "call-moderate", code: "not_configured" });
    // Nobody asks for it again and again.
    for (let n = 0; n < 5; n += 1) {
      record(tabs[0]);
      expect((await tabs[0].refusal()).code).toBe(n < 4 ? "not_configured" : "rate_limited");
    }
    if (!canRun) return;
    const away = await start({ janus: { url: "ws://127.0.0.1:9", secret: null, adminKey: null } });
    const { tabs: others } = await talk(away, 1);
    record(others[0]);
    expect(await others[0].refusal()).toMatchObject({ code: "call_server_away", retry: true });
    expect(await others[0].join({ media: SEEN })).toMatchObject({ mode: "mesh", recording: null });
  });
});
