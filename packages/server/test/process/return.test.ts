import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Crowd, startCrowd } from "../support/crowd.js";
import {
  buildServer,
  cleanUp,
  preparedFolder,
  removePrepared,
  type ServerProcess,
  startServer,
  until,
} from "../support/process.js";

const SIZE = 200;
const WRITERS = 10;
let crowd: Crowd | undefined;

beforeAll(buildServer);
afterEach(async () => {
  crowd?.end();
  await cleanUp();
});
afterAll(removePrepared);

async function makeRoom(url: string): Promise<string> {
  const body = JSON.stringify({ name: "Hall" });
  const headers = { "content-type": "application/json" };
  const made = await fetch(`${url}/rooms`, { method: "POST", headers, body });
  return ((await made.json()) as { id: string }).id;
}

async function readAll(url: string, roomId: string): Promise<{ seq: number; content: string }[]> {
  const all: { seq: number; content: string }[] = [];
  for (;;) {
    const page = await fetch(`${url}/rooms/${roomId}/messages?after=${all.at(-1)?.seq ?? 0}&limit=1000`);
    const rows = (await page.json()) as { seq: number; content: string }[];
    if (rows.length === 0) return all;
    all.push(...rows);
  }
}

/** A crowd that writes while its server ends and starts again: all come back, nothing is lost or doubled. */
async function survives(end: (server: ServerProcess) => Promise<void>): Promise<void> {
  const dataDir = await preparedFolder();
  const server = startServer({ dataDir, env: { RATE_LIMIT: "off" } });
  const url = await server.ready();
  const roomId = await makeRoom(url);
  const own = startCrowd();
  crowd = own;
  await own.order({ do: "start", url, roomIds: [roomId], size: SIZE });
  const live = async () => (await own.order({ do: "tell" })).live;
  await until("all are here", async () => (await live()) === SIZE, 60_000);
  await own.order({ do: "write", writers: WRITERS });
  await until("they write", async () => (await own.order({ do: "tell" })).written.length > 100, 60_000);
  await end(server);
  await until("all have noticed", async () => (await live()) === 0, 60_000);
  await startServer({ dataDir, env: { RATE_LIMIT: "off", PORT: new URL(url).port } }).ready();
  await until("all are back", async () => (await live()) === SIZE, 60_000);
  await own.order({ do: "rest" });
  await until("all is sent", async () => (await own.order({ do: "tell" })).pending === 0, 60_000);
  const history = await readAll(url, roomId);
  expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
  await until(
    "all see the end",
    async () => {
      const { views, online } = await own.order({ do: "tell" });
      return views.every((view) => view.at(-1) === history.length) && online.every((count) => count === SIZE);
    },
    60_000,
  );
  const { views, written } = await own.order({ do: "tell" });
  // What was written is stored once, in the order of each writer; what each shows has no hole.
  expect(history.map(({ content }) => content).sort()).toEqual([...written].sort());
  const byWriter = (lines: readonly string[], writer: number) =>
    lines.filter((line) => line.startsWith(`${writer}:`));
  const stored = history.map(({ content }) => content);
  for (let writer = 0; writer < WRITERS; writer += 1) {
    expect(byWriter(stored, writer)).toEqual(byWriter(written, writer));
  }
  for (const view of views) {
    expect(view).toEqual(history.slice(history.length - view.length).map(({ seq }) => seq));
  }
}

test("[OPS21] a crowd comes back whole after a restart, and nothing of what it wrote is lost, doubled or out of order", async () => {
  await survives(async (server) => {
    server.child.kill("SIGTERM");
    expect((await server.ended()).code).toBe(0);
  });
});

test("[OPS21] [REL1] the same after kill -9", async () => {
  await survives(async (server) => {
    server.child.kill("SIGKILL");
    await server.ended();
  });
});
