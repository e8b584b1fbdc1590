import { afterAll, beforeAll, expect, test } from "vitest";
import { awaitDatabase, connectDatabase, type Database } from "../src/db/database.js";
import { migrate } from "../src/db/migrate.js";
import { createLog } from "../src/log.js";
import { StartupError } from "../src/startup-error.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";

const log = createLog("silent", false);

describeWithDatabase("database", () => {
  let place: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    place = await createTestDatabase({ migrated: false });
    database = connectDatabase({ url: place.url }, log);
  });
  afterAll(async () => {
    await database?.close();
    await place?.drop();
  });

  test("[DB1] every connection sees Parlor's schema, UTC and a limit for statements", async () => {
    const read = () => database.sql`
      select current_setting('search_path') as path, current_setting('TimeZone') as zone,
        current_setting('statement_timeout') as timeout`;
    const all = await Promise.all(Array.from({ length: 12 }, read));
    for (const [row] of all) expect(row).toEqual({ path: "parlor", zone: "UTC", timeout: "30s" });
  });

  test("[DB2] numbers of eight bytes are numbers, alone and in arrays", async () => {
    const [row] = await database.sql`
      select ${2 ** 53 - 1}::bigint as one, array[1, 2]::bigint[] as many, ${"a"}::text as text`;
    expect(row).toEqual({ one: 2 ** 53 - 1, many: [1, 2], text: "a" });
  });

  test("[DB3] nodes that start together migrate once, and touch nothing outside of the schema", async () => {
    await database.sql`create table public.rooms (id text)`;
    const nodes = Array.from({ length: 3 }, () => connectDatabase({ url: place.url, max: 2 }, log));
    const steps = [
      { id: 1, name: "one", sql: "create table parlor.one (id int); insert into parlor.one values (1)" },
      { id: 2, name: "two", sql: "create table two (id int)" },
    ];
    const counts = await Promise.all(nodes.map((node) => migrate(node, log, steps)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(2);
    await Promise.all(nodes.map((node) => node.close()));
    const tables = await database.sql`
      select schemaname || '.' || tablename as name from pg_tables
      where schemaname in ('public', 'parlor') order by 1`;
    expect(tables.map(({ name }) => name)).toEqual([
      "parlor.migrations",
      "parlor.one",
      "parlor.two",
      "public.rooms",
    ]);
    const [row] = await database.sql`select count(*) as count from one`;
    expect(row?.count).toBe(1);
  });

  test("[DB4] a database that is newer than the code, or differs from it, is refused", async () => {
    const older = [
      { id: 1, name: "one", sql: "create table parlor.one (id int); insert into parlor.one values (1)" },
    ];
    await expect(migrate(database, log, older)).rejects.toThrow(
      /newer than this Parlor \(it has step 2 "two"\)/,
    );
    const changed = [
      { id: 1, name: "one", sql: "select 1" },
      { id: 2, name: "two", sql: "create table two (id int)" },
    ];
    await expect(migrate(database, log, changed)).rejects.toThrow(/step 1 "one" of the database differs/);
  });

  test("[DB5] a step that fails leaves nothing behind", async () => {
    const steps = [
      { id: 1, name: "one", sql: "create table parlor.one (id int); insert into parlor.one values (1)" },
      { id: 2, name: "two", sql: "create table two (id int)" },
      { id: 3, name: "three", sql: "create table three (id int); select 1 / 0" },
    ];
    await expect(migrate(database, log, steps)).rejects.toThrow("division by zero");
    const [row] =
      await database.sql`select to_regclass('parlor.three') is null as gone, max(id) as last from migrations`;
    expect(row).toEqual({ gone: true, last: 2 });
  });

  test("[DB6] a transaction rolls back when its work fails", async () => {
    const work = database.transaction(async (sql) => {
      await sql`insert into one values (2)`;
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    const [row] = await database.sql`select count(*) as count from one where id = 2`;
    expect(row?.count).toBe(0);
  });

  test("[DB7] a database that is not there is told in one line", async () => {
    const url = "postgres://nobody:hunter2@127.0.0.1:1/none";
    const absent = connectDatabase({ url }, log);
    const waiting = awaitDatabase(absent, log, 300);
    await expect(waiting).rejects.toThrow(StartupError);
    await expect(waiting).rejects.toThrow(/does not answer .*DATABASE_URL/);
    await expect(waiting).rejects.not.toThrow("hunter2");
    await absent.close();
  });
});
