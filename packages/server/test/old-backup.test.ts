import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@parlor/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyArchive } from "../src/backup/archive-reader.js";
import { writeBackup } from "../src/backup/dump.js";
import { restoreBackup } from "../src/backup/load.js";
import { connectDatabase, type Database } from "../src/db/database.js";
import { migrate } from "../src/db/migrate.js";
import { migrations } from "../src/db/migrations/index.js";
import { createLog } from "../src/log.js";
import { personOf, request, until } from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { openResumed, post, range, readHistory } from "./support/room.js";
import { startTestServer } from "./support/server.js";

const log = createLog("error", false);

/** What an older Parlor had stored: two people in a room, a message that was edited, one with a reaction, one deleted. */
const stored = `
insert into users (id, username, username_key, shown_name, shown_key, profile_rev)
  select id, id, id, id, id, rev from (values ('ann', 7), ('ben', 9)) as t (id, rev);
update counters set value = 9 where name = 'profile_rev';
insert into rooms (id, name, head_seq, message_count, member_count) values ('hall', 'Hall', 6, 3, 2);
insert into room_members (room_id, user_id, username) values ('hall', 'ann', 'ann'), ('hall', 'ben', 'ben');
insert into messages (id, room_id, seq, updated_seq, client_id, user_id, username, content, reactions, edited_at, deleted_at, created_at)
  values
    ('m1', 'hall', 1, 4, 'c1', 'ann', 'ann', 'the edited elephant', null, now(), null, now()),
    ('m2', 'hall', 2, 5, null, 'ben', 'ben', 'plain', '[{"emoji":"+1","count":1,"user_ids":["ann"]}]', null, null, now()),
    ('m3', 'hall', 3, 6, null, 'ben', 'ben', '', null, null, now(), now());
insert into reactions (message_id, emoji, user_id) values ('m2', '+1', 'ann');`;

describeWithDatabase("a backup of an older Parlor", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parlor-test-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function within<T>(place: TestDatabase, work: (database: Database) => Promise<T>): Promise<T> {
    const database = connectDatabase({ url: place.url, max: 1, patient: true }, log);
    return await work(database).finally(() => database.close());
  }

  test.each(migrations.slice(0, -1).map(({ id, name }) => ({ id, name })))(
    "[OPS15] that ends with step $id, $name, is restored and brought up to date",
    async ({ id }) => {
      const [source, target] = await Promise.all([
        createTestDatabase({ migrated: false }),
        createTestDatabase({ migrated: false }),
      ]);
      const path = join(folder, `step-${id}.tar.gz`);
      await within(source, async (database) => {
        await migrate(database, log, migrations.slice(0, id));
        await database.transaction(async (tx) => await tx.unsafe(stored));
        await writeBackup({ database, dataDir: folder, path, onProgress: () => undefined });
      });
      const archive = await verifyArchive(path, () => undefined);
      expect(archive.manifest.migrations.map((step) => step.id)).toEqual(range(1, id));
      const parts = { dataDir: folder, archive, migrations, replace: false, onProgress: () => undefined };
      await within(target, (database) => restoreBackup({ ...parts, database }));

      const server = await startTestServer({ dataDir: folder }, { database: target });
      expect(await readHistory(server, "hall", "after=0")).toMatchObject([
        { id: "m1", seq: 1, updated_seq: 4, content: "the edited elephant", edited_at: expect.any(String) },
        { id: "m2", reactions: [{ emoji: "+1", count: 1, user_ids: ["ann"] }] },
        { id: "m3", content: "", deleted_at: expect.any(String) },
      ]);
      // What later steps added works on what was there before them.
      const made = await post(server, "hall", "ben", "now and @ann", { reply_to: "m1", mentions: ["ann"] });
      expect(made).toMatchObject({ seq: 7, reply_to: { id: "m1", content: "the edited elephant" } });
      const ann = personOf(server, "ann", "ann", null);
      const edited = await ann.request("PATCH", "/rooms/hall/messages/m1", {
        body: { content: "the second elephant", user_id: "ann" },
      });
      expect([edited.status, edited.json.updated_seq]).toEqual([200, 8]);
      const search = async () =>
        (await request(server, "GET", "/search?q=elephant&room_id=hall")).json.hits?.map(
          ({ message }: { message: Message }) => message.content,
        );
      await until(
        async () => (await search())?.[0] === "the second elephant",
        "the old one is found",
        20_000,
      );
      const socket = await openResumed(server, "hall", { user: "ben", after: 6 });
      expect(socket.frames.map(({ type }) => type)).toEqual([
        "welcome",
        "message",
        "message_updated",
        "synced",
      ]);
      await socket.close();
      await server.close();
      await Promise.all([source.drop(), target.drop()]);
    },
  );
});
