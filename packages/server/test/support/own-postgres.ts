import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../../../testing/free-port.js";
import { debianPrograms, queryAt } from "./debian.js";
import { isRoot, ordinary } from "./process.js";

/** A whole PostgreSQL that a test may stop, hold, fill and start again. */
export interface OwnPostgres {
  /** The address of its only database, for an ordinary user whom its limits concern. */
  readonly url: string;
  /** Whether the database's files lie on a small disk of their own; else a full disk is played by a trigger. */
  readonly hasSmallDisk: boolean;
  start(): void;
  stop(): void;
  /** Holds all of its processes, or lets them go on. */
  hold(isHeld: boolean): void;
  /** Takes all of its connections away, until the answer is called. */
  takeConnections(): Promise<() => Promise<void>>;
  /** Says whether it takes changes; for the sessions to come, and the present ones end. */
  setReadOnly(isReadOnly: boolean): Promise<void>;
  /** Fills the disk to the last byte, or makes room. */
  setFull(isFull: boolean): Promise<void>;
  remove(): void;
}

const CONNECTIONS = 20;
const SMALL_DISK = "size=64m,mode=0700";

/** Makes one below `folder`, from Debian's package, and starts it on a loopback port. */
export async function startOwnPostgres(folder: string): Promise<OwnPostgres> {
  const programs = debianPrograms ?? "";
  const account = isRoot ? ordinary : {};
  const run = (program: string, args: string[]) => {
    const { status, stderr } = spawnSync(join(programs, program), args, {
      cwd: "/",
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      ...account,
    });
    if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  };
  const folderOf = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o700 });
    if (isRoot) chownSync(path, ordinary.uid, ordinary.gid);
    return path;
  };
  const cluster = folderOf("cluster");
  const disk = folderOf("disk");
  const hasSmallDisk =
    isRoot && spawnSync("mount", ["-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", disk]).status === 0;
  if (hasSmallDisk) chownSync(disk, ordinary.uid, ordinary.gid);
  const port = await freePort();
  const at = (user: string, database: string) => `postgres://${user}:plain@127.0.0.1:${port}/${database}`;
  const admin = at("parlor", "postgres");
  const settings = `-p ${port} -h 127.0.0.1 -k '' -c max_connections=${CONNECTIONS}`;
  const control = (...args: string[]) => run("pg_ctl", ["-D", cluster, "-w", "-s", ...args]);
  const start = () => control("-l", join(cluster, "log"), "-o", settings, "start");
  const ballast = join(disk, "ballast");
  const endSessions = () =>
    queryAt(admin, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'plain'");

  run("initdb", [
    "-D",
    cluster,
    "-U",
    "parlor",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
  ]);
  start();
  const place = folderInDisk(disk);
  await queryAt(admin, "create role plain login");
  await queryAt(admin, `create tablespace small location '${place}'`);
  await queryAt(admin, "create database talk owner plain tablespace small");

  async function takeConnections(): Promise<() => Promise<void>> {
    const taken: postgres.Sql[] = [];
    const takeOne = async () => {
      const sql = postgres(at("plain", "talk"), { max: 1, fetch_types: false });
      await sql`select 1`.then(
        () => taken.push(sql),
        () => sql.end({ timeout: 1 }),
      );
      return taken.length;
    };
    // Some are kept for administrators; what others give up is taken at once.
    while (taken.length < CONNECTIONS - 3) {
      await takeOne();
      await queryAt(
        admin,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parlor'",
      );
    }
    return async () => {
      await Promise.all(taken.map((sql) => sql.end({ timeout: 1 })));
    };
  }

  async function playFullDisk(isFull: boolean): Promise<void> {
    await queryAt(
      at("parlor", "talk"),
      isFull
        ? `create function parlor.full_disk() returns trigger language plpgsql as
           $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
           create trigger full_disk before insert on parlor.messages for each row execute function parlor.full_disk()`
        : "drop function parlor.full_disk cascade",
    );
  }

  return {
    url: at("plain", "talk"),
    hasSmallDisk,
    start,
    stop: () => control("-m", "immediate", "stop"),
    hold(isHeld) {
      for (const pid of processesIn(cluster)) signal(pid, isHeld ? "SIGSTOP" : "SIGCONT");
    },
    takeConnections,
    async setReadOnly(isReadOnly) {
      const write = `alter role plain set default_transaction_read_only = ${isReadOnly ? "on" : "off"}`;
      await queryAt(admin, write);
      if (isReadOnly) await endSessions();
    },
    async setFull(isFull) {
      if (!hasSmallDisk) return playFullDisk(isFull);
      if (isFull) fill(ballast);
      else rmSync(ballast);
    },
    remove() {
      for (const pid of processesIn(cluster)) signal(pid, "SIGCONT");
      if (processesIn(cluster).length > 0) control("-m", "immediate", "stop");
      if (hasSmallDisk) spawnSync("umount", [disk]);
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

/** PostgreSQL wants an empty folder, which the top of a disk may not be. */
function folderInDisk(disk: string): string {
  const path = join(disk, "files");
  mkdirSync(path, { mode: 0o700 });
  if (isRoot) chownSync(path, ordinary.uid, ordinary.gid);
  return path;
}

/** Writes until there is no room, in ever smaller pieces. */
function fill(path: string): void {
  for (let size = 1 << 20; size >= 1; size /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOSPC") throw error;
    }
  }
}

function processesIn(cluster: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const postmaster = pids.filter((pid) => readOr(`/proc/${pid}/cmdline`).includes(cluster)).map(Number);
  const isChild = (pid: string) =>
    postmaster.includes(Number(/\nPPid:\t(\d+)/.exec(readOr(`/proc/${pid}/status`))?.[1]));
  return [...postmaster, ...pids.filter(isChild).map(Number)];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
