import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { makeGuest, makeRoom, newName } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { beginUpload } from "./support/uploads.js";

/** Bytes that are free: a disk that is nearly full can not be made without rights on the machine. */
let free = 0;
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, statfs: async () => ({ bavail: free, bsize: 1 }) };
});

const RESERVE = 512 * 1024 * 1024;

describeWithDatabase("uploads to a disk that is nearly full", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => await server.close());

  it("[FILE5] a file that would leave less than 512 MB of the disk is 507", async () => {
    const room = await makeRoom(server);
    const person = await makeGuest(server, newName());
    const bytes = new Uint8Array(10_000);
    free = RESERVE + bytes.length;
    expect((await beginUpload(person, room, { bytes })).status).toBe(200);
    free -= 1;
    const full = await beginUpload(person, room, { bytes });
    expect([full.status, full.json.code, full.json.retry]).toEqual([507, "storage_full", false]);
  });
});
