import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  buildServer,
  cleanUp,
  databaseProcesses,
  health,
  isRoot,
  kill,
  ordinary,
  preparedFolder,
  removePrepared,
  type ServerOptions,
  startServer,
  temporaryFolder,
} from "../support/process.js";

beforeAll(buildServer);
afterEach(cleanUp);
afterAll(removePrepared);

/** Starts a server that must not come up; answers the one line that it says. */
async function refusal(options: ServerOptions): Promise<string> {
  const { code, stderr } = await startServer(options).ended();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^parlor: [^\n]+\n$/);
  return stderr;
}

test("[OPS6] the second server on one data folder says so and harms nothing", async () => {
  const dataDir = await preparedFolder();
  const first = startServer({ dataDir });
  const url = await first.ready();
  const running = databaseProcesses(dataDir)[0];
  expect(await refusal({ dataDir })).toContain(
    `another Parlor (process ${first.pid}) is already running with the data folder ${dataDir}`,
  );
  expect(await health(url)).toBe(200);
  expect(databaseProcesses(dataDir)).toContain(running);
});

test("[OPS6] of two servers that start together on a new data folder one runs", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const servers = [startServer({ dataDir }), startServer({ dataDir })];
  const results = await Promise.all(
    servers.map((server) =>
      server.ready().then(
        () => "runs",
        () => "ended",
      ),
    ),
  );
  expect(results.sort()).toEqual(["ended", "runs"]);
  const loser = servers.find(({ child }) => child.exitCode !== null);
  const end = await loser?.ended();
  expect(end?.code).toBe(1);
  expect(end?.stderr).toMatch(/^parlor: another Parlor .*is already running with the data folder [^\n]+\n$/);
});

test("[OPS6] without the lock file the database itself keeps the second server out", async () => {
  const dataDir = await preparedFolder();
  const first = startServer({ dataDir });
  await first.ready();
  const second = temporaryFolder();
  // A name that is taken by a folder: what a file system without sockets does, too.
  mkdirSync(join(second, "parlor.lock"));
  mkdirSync(join(second, "parlor.lock", "x"));
  symlinkSync(join(dataDir, "postgres"), join(second, "postgres"));
  expect(await refusal({ dataDir: second })).toContain("another Parlor is already running");
});

test("[OPS7] a taken port is named", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const dataDir = await preparedFolder();
  const line = await refusal({ dataDir, env: { PORT: port } });
  expect(line).toContain(`port ${port} is taken by another program`);
  expect(databaseProcesses(dataDir)).toEqual([]);
  await new Promise((resolve) => blocker.close(resolve));
});

test("[OPS7] a bad variable is named with what is allowed", async () => {
  const line = await refusal({ dataDir: temporaryFolder(), env: { RATE_LIMIT: "maybe" } });
  expect(line).toBe('parlor: RATE_LIMIT: "maybe" is not allowed; it must be on or off.\n');
});

test("[OPS7] a data folder that can not be a folder is named", async () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "");
  expect(await refusal({ dataDir: path })).toContain(`DATA_DIR ${path} can not be a folder`);
});

test.skipIf(!isRoot)("[OPS7] an unreadable data folder is named (needs root to become another)", async () => {
  const dataDir = temporaryFolder(0o700);
  const line = await refusal({ dataDir, account: ordinary });
  expect(line).toContain(`no permission in the data folder ${dataDir}`);
  expect(line).toContain("user with number 65534");
});

test("[OPS7] a folder with something else, and one of another PostgreSQL, are left alone", async () => {
  const dataDir = temporaryFolder();
  mkdirSync(join(dataDir, "postgres"));
  writeFileSync(join(dataDir, "postgres", "notes.txt"), "mine");
  expect(await refusal({ dataDir })).toContain("holds files but no database");
  writeFileSync(join(dataDir, "postgres", "PG_VERSION"), "9\n");
  expect(await refusal({ dataDir })).toContain("was made by PostgreSQL 9");
  expect(readFileSync(join(dataDir, "postgres", "notes.txt"), "utf8")).toBe("mine");
});

test("[OPS8] a number that another process has now is not taken for a running database", async () => {
  const dataDir = await preparedFolder();
  const first = startServer({ dataDir });
  await first.ready();
  const file = join(dataDir, "postgres", "postmaster.pid");
  const lines = readFileSync(file, "utf8").split("\n");
  for (const pid of [first.pid, ...databaseProcesses(dataDir)]) kill(pid);
  await first.ended();
  // As after the restart of a container, where small numbers come again.
  writeFileSync(file, [String(process.pid), ...lines.slice(1)].join("\n"));
  chmodSync(file, 0o644);
  const next = startServer({ dataDir });
  await next.ready();
  expect(next.output()).toContain("adopted=false");
});

test("[OPS9] a DATABASE_URL that nobody answers is told in one line without its secret", async () => {
  const env = { DATABASE_URL: "postgres://someone:hunter2@127.0.0.1:1/chat" };
  const line = await refusal({ dataDir: temporaryFolder(), env });
  expect(line).toContain("the database does not answer");
  expect(line).not.toContain("hunter2");
});
