import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { isConnectionLost } from "../src/db/connection-lost.js";
import { awaitDatabase, connectDatabase, type Database } from "../src/db/database.js";
import { migrate } from "../src/db/migrate.js";
import { toParlorError } from "../src/db/trouble.js";
import { createLog } from "../src/log.js";
import { StartupError } from "../src/startup-error.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { startPooler } from "./support/pooler.js";
import { spoilDatabase } from "./support/spoiled-database.js";

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

  afterEach(() => void vi.useRealTimers());

  test("[DB1] [OPS19] every connection sees Parlor's schema, UTC, a limit for statements and no compiler", async () => {
    const read = () => database.sql`
      select current_setting('search_path') as path, current_setting('TimeZone') as zone,
        current_setting('statement_timeout') as timeout,
        current_setting('idle_in_transaction_session_timeout') as idle, current_setting('jit') as jit`;
    const all = await Promise.all(Array.from({ length: 12 }, read));
    const wanted = { path: "parlor", zone: "UTC", timeout: "8s", idle: "5s", jit: "off" };
    for (const [row] of all) expect(row).toEqual(wanted);
  });

  test("[DB2] numbers of eight bytes are numbers, alone and in arrays", async () => {
    const [row] = await database.sql`
      select ${2 ** 53 - 1}::bigint as one, array[1, 2]::bigint[] as many, ${"a"}::text as text`;
    expect(row).toEqual({ one: 2 ** 53 - 1, many: [1, 2], text: "a" });
  });

  test("[DB8] a statement that fails among its rows changes nothing in the answer of the next one", async () => {
    const pool = connectDatabase({ url: place.url, max: 1 }, log);
    const fail = () => pool.sql`select 1 / (4 - n) from generate_series(1, 9) n`;
    const ask = () => pool.sql<{ n: number }[]>`select n from generate_series(1, 2) n`;
    // Sent at one time, one after the other, and without any row.
    const [failed, behind] = await Promise.allSettled([fail(), ask()]);
    expect(failed.status).toBe("rejected");
    expect(behind).toEqual({ status: "fulfilled", value: [{ n: 1 }, { n: 2 }] });
    await expect(fail()).rejects.toThrow("division by zero");
    const [first, ...others] = await ask();
    expect([first, others]).toEqual([{ n: 1 }, [{ n: 2 }]]);
    await expect(fail()).rejects.toThrow("division by zero");
    expect(await pool.sql`select 1 where false`).toHaveLength(0);
    await expect(fail()).rejects.toThrow("division by zero");
    expect(await pool.transaction(async (tx) => await tx`select 1 as one`)).toEqual([{ one: 1 }]);
    await pool.close();
  });

  test("[DB6] a transaction that comes behind a hundred queries of its connection is one, and leaves none open", async () => {
    const pool = connectDatabase({ url: place.url, max: 20 }, log);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let open = 0;
    const holders = Array.from({ length: 19 }, () =>
      pool.transaction(async (tx) => {
        await tx`select 1`;
        open += 1;
        await released;
      }),
    );
    await expect.poll(() => open, { timeout: 20_000 }).toBe(19);
    await pool.sql`select 1`;
    // The driver's own bound is a hundred that follow the one under way.
    const queries = Array.from({ length: 100 }, async () => await pool.sql`select pg_sleep(0.001)`);
    const last = pool.transaction(async (tx) => await tx`select 1 as one`);
    await expect(last).resolves.toEqual([{ one: 1 }]);
    release();
    await Promise.all([...holders, ...queries]);
    const [row] = await pool.sql`
      select count(*) as count from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`;
    expect(row?.count).toBe(0);
    await pool.close();
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

  test("[DB6] a transaction whose session ends is an error for its caller alone", async () => {
    const one = connectDatabase({ url: place.url, max: 1 }, log);
    const pid = async () => (await one.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;
    const first = await pid();
    const work = one.transaction(async (sql) => {
      await sql`insert into one values (3)`;
      await database.sql`select pg_terminate_backend(${first ?? 0})`;
      return await sql`insert into one values (4)`;
    });
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    expect(isConnectionLost(error), String(error)).toBe(true);
    // Whatever the client library still does for the lost transaction happens before another session answers.
    await expect.poll(() => pid().catch(() => first)).not.toBe(first);
    const [row] = await one.sql`select count(*) as count from one where id > 2`;
    expect(row?.count).toBe(0);
    await one.close();
  });

  test("[DB6] what follows in a transaction whose session has ended is refused, and runs nowhere else", async () => {
    const one = connectDatabase({ url: place.url, max: 1 }, log);
    const steps: string[] = [];
    const work = one.transaction(async (sql) => {
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await database.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
      const isGone = async () => {
        const found = await database.sql`select 1 from pg_stat_activity where pid = ${row?.pid ?? 0}`;
        return found.length === 0;
      };
      await expect.poll(isGone).toBe(true);
      await expect(work).rejects.toSatisfy(isConnectionLost);
      steps.push("lost");
      await sql`insert into one values (5)`.catch((error: unknown) => {
        if (isConnectionLost(error)) steps.push("refused");
        throw error;
      });
    });
    await work.catch(() => undefined);
    await expect.poll(() => steps).toEqual(["lost", "refused"]);
    const [row] = await database.sql`select count(*) as count from one where id = 5`;
    expect(row?.count).toBe(0);
    await one.close();
  });

  test("[OPS19] 2,000 queries wait for a place, for three seconds; whatever else comes is refused as overloaded", async () => {
    const pool = connectDatabase({ url: place.url, max: 1 }, log);
    let isHeld = false;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holder = pool.transaction(async (tx) => {
      await tx`select 1`;
      isHeld = true;
      await released;
    });
    await expect.poll(() => isHeld).toBe(true);
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const ends: string[] = [];
    const ask = () =>
      pool.sql`select 1`.then(
        () => ends.push("answered"),
        (error: unknown) => ends.push(toParlorError(error).code),
      );
    for (let n = 0; n < 2_500; n += 1) void ask();
    await nextTurn();
    expect(ends).toEqual(Array(500).fill("overloaded"));
    vi.advanceTimersByTime(2_999);
    await nextTurn();
    expect(ends).toHaveLength(500);
    vi.advanceTimersByTime(1);
    await nextTurn();
    expect(ends).toEqual(Array(2_500).fill("overloaded"));
    vi.useRealTimers();
    release();
    await holder;
    expect(await pool.sql`select 1 as one`).toEqual([{ one: 1 }]);
    await pool.close();
  });

  test("[OPS14] however many tries fail, the pool keeps its connections for the one that succeeds", async () => {
    const proxy = await spoilDatabase(place.url);
    await proxy.become("closed");
    const pool = connectDatabase({ url: proxy.url, max: 2, patient: true }, log);
    for (let attempt = 1; attempt <= 6; attempt++) {
      await expect(pool.sql`select 1`).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
    await proxy.become("open");
    const both = [pool.sql`select 1 as one`, pool.sql`select 1 as one`];
    expect((await Promise.all(both)).flat()).toEqual([{ one: 1 }, { one: 1 }]);
    await pool.close();
    await proxy.close();
  });

  test("[OPS14] where the database gives fewer connections than may be had, those that are there do it all", async () => {
    const plain = new URL(place.url);
    // Who administers a database is bound by no limit.
    await database.sql`create role parlor_few login password 'few' connection limit 2`;
    plain.username = "parlor_few";
    plain.password = "few";
    const told: string[] = [];
    const warned = Object.assign(createLog("silent", false), {
      warn: (_fields: unknown, text: string) => told.push(text),
    });
    // One of a server would give up what waits longer than three seconds: on a slow machine that says nothing.
    const pool = connectDatabase({ url: plain.href, patient: true }, warned);
    const ask = async (number: number) =>
      number % 4 === 0
        ? await pool.transaction((tx) => tx`select ${number}::int as number`)
        : await pool.sql`select ${number}::int as number`;
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    await ask(0);
    const answers = await Promise.allSettled(numbers.map(ask));
    const wanted = numbers.map((number) => ({ status: "fulfilled", value: [{ number }] }));
    expect(answers).toEqual(wanted);
    expect(told).toEqual(["works with the connections it has: the database gives no more"]);
    // With room again it grows again, for what waits behind those that are taken.
    const keeper = connectDatabase({ url: place.url, max: 1, patient: true }, log);
    await keeper.sql`select pg_advisory_lock(71)`;
    const hold = () => pool.transaction((tx) => tx`select pg_advisory_xact_lock(71)`);
    const holding = [hold(), hold()];
    const behind = async () =>
      (await keeper.sql`select 1 from pg_locks where objid = 71 and not granted`).length;
    await expect.poll(behind, { timeout: 20_000 }).toBe(2);
    const waiting = ask(1);
    await database.sql`alter role parlor_few connection limit -1`;
    expect(await waiting).toEqual([{ number: 1 }]);
    await keeper.close();
    await Promise.all(holding);
    const sessions = async () => {
      await Promise.all(numbers.map(ask));
      return (await database.sql`select 1 from pg_stat_activity where usename = 'parlor_few'`).length;
    };
    await expect.poll(sessions, { timeout: 20_000 }).toBe(10);
    await pool.close();
    await database.sql`drop role parlor_few`;
  });

  test("[OPS14] a connection that breaks in the moment in which a query is written is opened anew at once", async () => {
    const one = connectDatabase({ url: place.url, max: 1 }, log);
    for (let attempt = 1; attempt <= 5; attempt++) {
      const [row] = await one.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
      // Between a socket's last byte and its close event the loop of events runs what waits for its next turn.
      let asked = 0;
      let refused = 0;
      const wrong: unknown[] = [];
      const spinning = new Promise<void>((resolve) => {
        const ask = () => {
          const number = ++asked;
          one.sql`select ${number}::int as number`.then(
            ([row]) => {
              if (row?.number !== number) wrong.push([number, row]);
            },
            () => {
              refused += 1;
            },
          );
          if (refused > 10) resolve();
          else setImmediate(ask);
        };
        ask();
      });
      await database.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
      await spinning;
      const started = performance.now();
      const isBack = () =>
        one.sql`select 1`.then(
          () => true,
          () => false,
        );
      await expect.poll(isBack, { timeout: 30_000 }).toBe(true);
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(wrong).toEqual([]);
    }
    await one.close();
  });

  test("[OPS9] a database that is not there is told in one line", async () => {
    const url = "postgres://nobody:hunter2@127.0.0.1:1/none";
    const absent = connectDatabase({ url }, log);
    const waiting = awaitDatabase(absent, log, 300);
    await expect(waiting).rejects.toThrow(StartupError);
    await expect(waiting).rejects.toThrow(/does not answer .*DATABASE_URL/);
    await expect(waiting).rejects.not.toThrow("hunter2");
    await absent.close();
  });

  test.each(["refused", "dropped"] as const)(
    "[OPS9] a pooler by which settings are %s is told in one line, at once",
    async (settings) => {
      const pooler = await startPooler(place.url, settings);
      const behind = connectDatabase({ url: pooler.url, max: 1 }, log);
      const waiting = awaitDatabase(behind, log, 600_000);
      await expect(waiting).rejects.toThrow(StartupError);
      await expect(waiting).rejects.toThrow(/connection pooler .* address of PostgreSQL itself/);
      await behind.close();
      await pooler.close();
    },
  );
});
