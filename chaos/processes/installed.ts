import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../testing/free-port.js";
import { type ChaosDatabase, connectTo } from "./database.js";
import { backendsOf, isPostgres, killProcess, readPidFile } from "./postmaster.js";

const OWNER = "parlor";
const HOST = "127.0.0.1";
/** PostgreSQL refuses to run as root: then it runs as this user and group. */
const NOBODY = 65_534;
const START_PATIENCE = 30_000;
const RETRY_EVERY = 200;
/** What keeps an acknowledged commit over a kill, said aloud although these are the defaults. */
const DURABLE = ["fsync=on", "full_page_writes=on", "synchronous_commit=on"];

/** The newest PostgreSQL of Debian's packages; `null` without one. */
export function installedPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return null;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return (
    versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb"))) ??
    null
  );
}

/** Makes a PostgreSQL of the harness's own below `folder` and starts it on a loopback port. */
export async function startInstalled(binDir: string, folder: string): Promise<ChaosDatabase> {
  const account = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const clusterDir = join(folder, "cluster");
  mkdirSync(clusterDir, { mode: 0o700 });
  if (account.uid !== undefined) chownSync(clusterDir, NOBODY, NOBODY);
  chmodSync(folder, 0o755);
  const options = [
    "-D",
    clusterDir,
    "-U",
    OWNER,
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
  ];
  const made = spawnSync(join(binDir, "initdb"), options, { cwd: "/", ...account, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`no database can be made: ${made.stderr}`);
  const port = await freePort();
  const settings = [`port=${port}`, `listen_addresses=${HOST}`, "unix_socket_directories=", ...DURABLE];
  const args = ["-D", clusterDir, ...settings.flatMap((setting) => ["-c", setting])];
  let child: ChildProcess | null = null;
  let isStopping = false;

  /** After a kill the old processes may be there for a moment: until they are gone a start is refused. */
  async function start(): Promise<void> {
    const deadline = Date.now() + START_PATIENCE;
    while (!isStopping && Date.now() < deadline) {
      const own = spawn(join(binDir, "postgres"), args, { cwd: "/", ...account, stdio: "ignore" });
      child = own;
      while (own.exitCode === null && own.signalCode === null && Date.now() < deadline) {
        const file = readPidFile(clusterDir);
        if (file?.pid === own.pid && file?.isReady) return;
        await pause(20);
      }
      await pause(RETRY_EVERY);
    }
    if (!isStopping) throw new Error("the database does not start");
  }

  const postmaster = () => (child?.pid !== undefined && isPostgres(child.pid) ? child.pid : null);
  await start();
  return {
    env: { DATABASE_URL: `postgres://${OWNER}@${HOST}:${port}/postgres` },
    kill(downtime) {
      const pid = postmaster();
      if (pid === null || !killProcess(pid)) return false;
      if (Number.isFinite(downtime)) setTimeout(() => void start(), downtime);
      return true;
    },
    killBackend(choice) {
      const backends = backendsOf(postmaster() ?? -1);
      const chosen = backends[choice % Math.max(1, backends.length)];
      return chosen !== undefined && killProcess(chosen);
    },
    connect: () => connectTo(HOST, port, OWNER, "postgres"),
    async stop() {
      isStopping = true;
      const own = child;
      if (own === null || own.exitCode !== null || own.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => own.once("exit", () => resolve()));
      own.kill("SIGINT");
      await ended;
    },
  };
}
