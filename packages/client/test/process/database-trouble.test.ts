import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TroubleKind } from "../../../server/src/db/trouble.js";
import {
  makeGuest,
  makeRoom,
  openSocket,
  request,
  type Socket,
} from "../../../server/test/support/client.js";
import { debianPrograms } from "../../../server/test/support/debian.js";
import { type OwnPostgres, startOwnPostgres } from "../../../server/test/support/own-postgres.js";
import {
  buildServer,
  cleanUp,
  type ServerProcess,
  startServer,
  temporaryFolder,
  until,
} from "../../../server/test/support/process.js";
import { readHistory } from "../../../server/test/support/room.js";
import { enter, makeGuest as makeSdkGuest } from "../support/talk.js";

/** People who send without a pause, and what each sends. */
const FLOODERS = 20;
const FLOOD = 500;
const newText = () => randomBytes(6_000).toString("base64");
/** What the server may take beside what it took before: a bounded part of the flood's 80 MB, and of its answers. */
const EXTRA_BYTES = 400 << 20;
/** A healed database is found within about a second, a held one when its statements have been given up. */
const HEALED_MS = 30_000;

interface Trouble {
  readonly name: string;
  /** What is known of it: the first looks may see connections break instead of what keeps new ones out. */
  readonly kinds: readonly TroubleKind[];
  readonly reads: boolean;
  begin(database: OwnPostgres): void | Promise<void>;
  end(database: OwnPostgres): void | Promise<void>;
}

let giveBack: () => Promise<void> = async () => undefined;
const troubles: Trouble[] = [
  {
    name: "is stopped, and started again",
    kinds: ["unreachable"],
    reads: false,
    begin: (database) => database.stop(),
    end: (database) => database.start(),
  },
  {
    name: "hangs, all of its processes",
    kinds: ["slow"],
    reads: false,
    begin: (database) => database.hold(true),
    end: (database) => database.hold(false),
  },
  {
    name: "has given all of its connections to others",
    kinds: ["out_of_connections"],
    reads: false,
    async begin(database) {
      giveBack = await database.takeConnections();
    },
    end: () => giveBack(),
  },
  {
    name: "takes no changes",
    kinds: ["read_only"],
    reads: true,
    begin: (database) => database.setReadOnly(true),
    end: (database) => database.setReadOnly(false),
  },
  {
    name: "has a full disk",
    kinds: ["disk_full"],
    reads: true,
    begin: (database) => database.setFull(true),
    end: (database) => database.setFull(false),
  },
];

describe.skipIf(debianPrograms === undefined)("a whole PostgreSQL that", () => {
  let database: OwnPostgres;
  let server: ServerProcess;
  let url: string;

  beforeAll(buildServer);
  beforeEach(async () => {
    database = await startOwnPostgres(temporaryFolder());
    const env = { DATABASE_URL: database.url, RATE_LIMIT: "off", LOG_LEVEL: "info" };
    server = startServer({ dataDir: temporaryFolder(), env });
    url = await server.ready();
  });
  afterEach(async () => {
    server.child.kill("SIGKILL");
    await server.ended();
    database.remove();
    await cleanUp();
  });
  afterAll(cleanUp);

  test.for(troubles)(
    "[OPS18] $name: sends wait, reads say so, memory is bounded, and it heals by itself",
    async (trouble, { annotate }) => {
      const place = { url, wsUrl: url.replace("http", "ws") };
      const [room, crowded] = [await makeRoom(place), await makeRoom(place)];
      const sender = enter(await makeSdkGuest(url, "ann"), url, room);
      sender.send("before");
      await until(
        "it is stored",
        () => sender.state.messages.length === 1 && sender.state.pending.length === 0,
      );
      const flooders = await Promise.all(
        Array.from({ length: FLOODERS }, async (_, n) => {
          const { id, cookie } = await makeGuest(place, `flooder ${n}`);
          return await openSocket(place, crowded, id, { cookie });
        }),
      );
      for (const socket of flooders) {
        socket.send({ content: "before", client_id: "before" });
        await socket.next("message", (frame) => frame.client_id === "before");
      }
      const before = resetPeak(server.pid);

      await trouble.begin(database);
      const texts = Array.from({ length: 30 }, (_, n) => `text ${n}`);
      for (const text of texts) sender.send(text);
      for (const socket of flooders) flood(socket);
      const kind = async () => (await request(place, "GET", "/health")).json.services.database;
      await expect.poll(kind, { timeout: HEALED_MS }).toSatisfy((now) => trouble.kinds.includes(now));
      const { status, json } = await request(place, "GET", "/health");
      expect([status, json.status]).toEqual([503, "unhealthy"]);
      expect(json.reason).toMatch(/^the database\b.*: .*\.$/);
      const read = await request(place, "GET", `/rooms/${room}/messages`);
      expect(read.status).toBe(trouble.reads ? 200 : 503);
      if (!trouble.reads) expect(read.json).toMatchObject({ retry: true });
      await until(
        "all of the flood is answered",
        () => flooders.every((socket) => answers(socket) >= FLOOD),
        60_000,
      );
      // What fitted into the rest of a page was stored; all else was told to come again.
      const refused = flooders.flatMap(({ frames }) => frames.filter((frame) => frame.type === "error"));
      expect(refused.length).toBeGreaterThan(FLOODERS * FLOOD * 0.5);
      expect(new Set(refused.map((frame) => frame.type === "error" && frame.retry))).toEqual(new Set([true]));
      expect(await kind()).toSatisfy((now) => trouble.kinds.includes(now));
      expect(sender.state.pending.length).toBeGreaterThan(0);
      expect(sender.state.pending.every(({ failure }) => !failure)).toBe(true);
      const extra = peak(server.pid) - before;
      expect(extra).toBeLessThan(EXTRA_BYTES);

      await trouble.end(database);
      const ended = performance.now();
      await until(
        "it is well again",
        async () => (await request(place, "GET", "/health")).status === 200,
        HEALED_MS,
      );
      const healedMs = performance.now() - ended;
      await until("all is sent", () => sender.state.pending.length === 0, 60_000);
      const history = await readHistory(place, room, "limit=1000");
      expect(history.map(({ content }) => content)).toEqual(["before", ...texts]);
      expect(sender.state.messages.map(({ content }) => content)).toEqual(["before", ...texts]);
      const stored = await readHistory(place, crowded, "limit=1000");
      const ids = stored.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const lines = server.output().match(/the database\b[^\n]*/g) ?? [];
      expect(lines.length, lines.join("\n")).toBeLessThan(8);
      // Kept for the one who runs it: how much it took, and how long.
      const disk = database.hasSmallDisk ? "a tmpfs" : "a trigger that fails like a full disk";
      await annotate(`${disk}; ${extra >> 20} MB more at most, well after ${Math.round(healedMs)} ms`);
      sender.close();
      for (const socket of flooders) socket.ws.terminate();
    },
  );
});

function flood(socket: Socket): void {
  for (let n = 0; n < FLOOD; n++) socket.send({ content: newText(), client_id: `c${n}` });
}

/** What its own messages were answered with. */
function answers({ frames }: Socket): number {
  const ids = frames.flatMap((frame) =>
    (frame.type === "error" || frame.type === "message") && frame.client_id?.startsWith("c")
      ? frame.client_id
      : [],
  );
  return new Set(ids).size;
}

/** Forgets the most memory that a process has had; answers what it has, in bytes. */
function resetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return peak(pid);
}

function peak(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
