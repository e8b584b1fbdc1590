import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readPidFile } from "../../src/db/embedded/pid-file.js";
import {
  buildServer,
  cleanUp,
  databaseProcesses,
  health,
  kill,
  preparedFolder,
  queryIn,
  removePrepared,
  startServer,
  temporaryFolder,
  until,
} from "../support/process.js";

beforeAll(buildServer);
afterEach(cleanUp);
afterAll(removePrepared);

const makeRow = "create table public.kept as select 42 as value";
const readRow = "select value from public.kept";

test("[OPS1] the first start makes the database, the next finds it", { timeout: 180_000 }, async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = startServer({ dataDir });
  await first.ready();
  expect(first.output()).toContain("database initialised");
  await queryIn(dataDir, makeRow);
  first.child.kill("SIGTERM");
  expect(await first.ended()).toEqual({ code: 0, stderr: "" });
  expect(databaseProcesses(dataDir)).toEqual([]);

  const next = startServer({ dataDir });
  await next.ready();
  expect(next.output()).not.toContain("database initialised");
  expect(await queryIn(dataDir, readRow)).toEqual([{ value: 42 }]);
  next.child.kill("SIGTERM");
  await next.ended();
});

test("[OPS2] durability is on, and the database listens on a private socket only", async () => {
  const dataDir = await preparedFolder();
  await startServer({ dataDir }).ready();
  const names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "listen_addresses"];
  const shown = names.map((name) => `current_setting('${name}') as ${name}`).join(", ");
  expect(await queryIn(dataDir, `select ${shown}`)).toEqual([
    {
      fsync: "on",
      full_page_writes: "on",
      synchronous_commit: "on",
      data_checksums: "on",
      listen_addresses: "",
    },
  ]);
});

test("[OPS3] SIGINT, even twice at once as under npm, stops the server and its database", async () => {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir });
  await server.ready();
  server.child.kill("SIGINT");
  server.child.kill("SIGINT");
  expect(await server.ended()).toEqual({ code: 0, stderr: "" });
  expect(databaseProcesses(dataDir)).toEqual([]);
});

test("[OPS3] a signal in the middle of the start leaves nothing running", async () => {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir });
  await until(
    "the database runs",
    async () => (await readPidFile(join(dataDir, "postgres"))) !== undefined,
    40_000,
  );
  server.child.kill("SIGTERM");
  expect((await server.ended()).code).toBe(0);
  expect(databaseProcesses(dataDir)).toEqual([]);
});

test("[OPS4] after kill -9 of the server the next start adopts its database, data and all", async () => {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir });
  await server.ready();
  await queryIn(dataDir, makeRow);
  const before = await readPidFile(join(dataDir, "postgres"));
  kill(server.pid);
  const next = startServer({ dataDir });
  await next.ready();
  expect(next.output()).toContain("adopted=true");
  expect((await readPidFile(join(dataDir, "postgres")))?.pid).toBe(before?.pid);
  expect(await queryIn(dataDir, readRow)).toEqual([{ value: 42 }]);
  next.child.kill("SIGTERM");
  expect((await next.ended()).code).toBe(0);
  expect(databaseProcesses(dataDir)).toEqual([]);
});

test("[OPS4] after kill -9 of the whole tree the next start recovers the database", async () => {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir });
  await server.ready();
  await queryIn(dataDir, makeRow);
  for (const pid of [server.pid, ...databaseProcesses(dataDir)]) kill(pid);
  const next = startServer({ dataDir });
  await next.ready();
  expect(next.output()).toContain("adopted=false");
  expect(await queryIn(dataDir, readRow)).toEqual([{ value: 42 }]);
});

test("[OPS5] a database that is killed under the server comes back without a restart", async () => {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir });
  const url = await server.ready();
  const before = await readPidFile(join(dataDir, "postgres"));
  kill(before?.pid ?? 0);
  await until("the database is back", () => server.output().includes("the embedded database is back"));
  await until("the server is healthy", async () => (await health(url)) === 200);
  expect((await readPidFile(join(dataDir, "postgres")))?.pid).not.toBe(before?.pid);
  server.child.kill("SIGTERM");
  expect((await server.ended()).code).toBe(0);
  expect(databaseProcesses(dataDir)).toEqual([]);
});
