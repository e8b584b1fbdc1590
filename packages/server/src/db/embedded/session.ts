import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { errorCode } from "../../startup-error.js";
import { connectionOf, socketUrl, withDatabase } from "../connection-url.js";
import { type Address, owner } from "./settings.js";

/** The one connection that holds the data folder's lock inside the database. */
export interface Session {
  /** Resolves when the connection breaks. */
  readonly broken: Promise<void>;
  end(): Promise<void>;
}

/** What a session must find, so that it is known to talk to the right server. */
export interface Expected {
  readonly token: string;
  /** Seconds since 1970, from `postmaster.pid`. */
  readonly startedAt: number;
}

/** How opening a session ended: "other" is a server that is not ours, "locked" one that another Parlor uses. */
export type Opened = Session | "other" | "locked";

const unknownDatabase = "3D000";
const lockNumber = 0x70726c72;
const lockPatienceMs = 3000;
/** Between writing the file and taking the time a slow disk can lie. */
const startToleranceSeconds = 15;

/** The address of the database as a URL; a password only where there is no private socket. */
export function embeddedUrl({ socketFolder, port }: Address, password: string | undefined): string {
  if (password === undefined) return socketUrl(socketFolder, owner, owner, port);
  return `postgres://${owner}:${password}@127.0.0.1:${port}/${owner}`;
}

/** Connects, makes sure that this is the folder's own server, and takes the lock for as long as it lasts. */
export async function openSession(url: string, expected: Expected): Promise<Opened> {
  try {
    return await open(url, expected);
  } catch (error) {
    if (errorCode(error) !== unknownDatabase) throw error;
    await createDatabase(url);
    return open(url, expected);
  }
}

async function open(url: string, expected: Expected): Promise<Opened> {
  let onBreak: () => void = () => undefined;
  const broken = new Promise<void>((resolve) => {
    onBreak = resolve;
  });
  const sql = connect(url, () => onBreak());
  try {
    const [row] = await sql<{ token: string | null; started: number }[]>`
      select current_setting('parlor.token', true) as token,
        extract(epoch from pg_postmaster_start_time())::float8 as started`;
    const late = Math.abs((row?.started ?? 0) - expected.startedAt);
    if (row?.token !== expected.token || late > startToleranceSeconds) {
      await sql.end({ timeout: 1 });
      return "other";
    }
    // The lock of a killed process goes when the server has seen its connection close: that takes a moment.
    const deadline = performance.now() + lockPatienceMs;
    while (!(await tryLock(sql))) {
      if (performance.now() > deadline) {
        await sql.end({ timeout: 1 });
        return "locked";
      }
      await pause(50);
    }
    return { broken, end: () => sql.end({ timeout: 1 }) };
  } catch (error) {
    await sql.end({ timeout: 1 }).catch(() => undefined);
    throw error;
  }
}

function connect(url: string, onclose: () => void): postgres.Sql {
  const address = connectionOf(url);
  return postgres(address.url, {
    ...address.options,
    max: 1,
    connect_timeout: 5,
    // The lock lives as long as the connection: it must not be renewed now and then, as those of a pool are.
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    onclose,
    connection: { application_name: "parlor lock" },
  });
}

async function tryLock(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${lockNumber}) as locked`;
  return row?.locked === true;
}

/** Makes the database, with the first start. */
async function createDatabase(url: string): Promise<void> {
  const admin = connect(withDatabase(url, "postgres"), () => undefined);
  await admin.unsafe(`create database ${owner}`).finally(() => admin.end({ timeout: 1 }));
}
