import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readPidFile } from "../../src/db/embedded/pid-file.js";
import { startEmbedded } from "../../src/db/embedded.js";
import { createLog } from "../../src/log.js";
import { makeGuest, makeRoom, openSocket, request } from "../support/client.js";
import {
  buildServer,
  cleanUp,
  kill,
  preparedFolder,
  removePrepared,
  startServer,
  temporaryFolder,
  until,
} from "../support/process.js";
import { spoilDatabase } from "../support/spoiled-database.js";

/** Milliseconds between the database's being ready and its death: all of the start lies within. */
const MOMENTS = [0, 10, 20, 30, 45, 60, 80, 100, 130, 160];

beforeAll(buildServer);
afterEach(cleanUp);
afterAll(removePrepared);

test("[OPS5] a database that is killed in the middle of the start is started again", async () => {
  const dataDir = await preparedFolder();
  const folder = join(dataDir, "postgres");
  for (const moment of MOMENTS) {
    const server = startServer({ dataDir });
    await until(
      "the database is ready",
      async () => (await readPidFile(folder))?.status === "ready" || server.child.exitCode !== null,
      40_000,
    );
    await pause(moment);
    kill((await readPidFile(folder))?.pid ?? 0);
    await server.ready();
    server.child.kill("SIGTERM");
    expect((await server.ended()).code, `killed after ${moment} ms:\n${server.output()}`).toBe(0);
  }
});

test.each(["closed", "frozen"] as const)(
  "[OPS3] SIGTERM while the database is away (%s) ends the server in a few seconds",
  async (state) => {
    const database = await startEmbedded({ dataDir: temporaryFolder(), log: createLog("silent", false) });
    const proxy = await spoilDatabase(database.url);
    try {
      const server = startServer({ dataDir: temporaryFolder(), env: { DATABASE_URL: proxy.url } });
      const url = await server.ready();
      const place = { url, wsUrl: url.replace("http", "ws") };
      const ann = await makeGuest(place, "ann");
      const room = await makeRoom(place);
      const socket = await openSocket(place, room, ann.id, { cookie: ann.cookie });
      await proxy.become(state);
      socket.send({ content: "lost on the way", client_id: "one" });
      const answer = await request(place, "GET", `/rooms/${room}`);
      expect(answer.status).toBe(503);
      server.child.kill("SIGTERM");
      await until("the server has ended", () => server.child.exitCode !== null, 7_000);
      expect(await server.ended()).toEqual({ code: 0, stderr: "" });
    } finally {
      await proxy.close();
      await database.stop();
    }
  },
);
