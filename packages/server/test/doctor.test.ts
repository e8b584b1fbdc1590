import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { freePort } from "../../../testing/free-port.js";
import { readConfig } from "../src/config.js";
import { lookAtAddress } from "../src/doctor/address.js";
import type { Finding } from "../src/doctor/finding.js";
import { lookAtRecordings } from "../src/doctor/recordings.js";
import { lookAtRelays } from "../src/doctor/relay.js";
import { lookAtServer } from "../src/doctor/server.js";
import { createLog } from "../src/log.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const MAIN = fileURLToPath(new URL("../src/doctor.ts", import.meta.url));
const log = createLog("silent", false);
const brief = (findings: readonly Finding[]) => findings.map(({ hop, state }) => [hop.split(" ")[0], state]);

describeWithDatabase("npm run doctor", () => {
  let server: TestServer;
  const open: Server[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(() => {
    for (const one of open.splice(0)) {
      one.closeAllConnections();
      one.close();
    }
  });
  afterAll(async () => {
    await server.close();
  });

  const config = (fields: object) => ({
    ...readConfig({}),
    port: server.port,
    dataDir: server.dataDir,
    ...fields,
  });

  /** A proxy before the server; with `passes` it knows WebSockets. */
  async function startProxy({ passes, date }: { passes: boolean; date?: string }): Promise<string> {
    const proxy = createServer((incoming, outgoing) => {
      const { url = "/", method = "GET" } = incoming;
      const forward = httpRequest({ port: server.port, host: "127.0.0.1", path: url, method }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(date ? { date } : {}) });
        answer.pipe(outgoing);
      });
      forward.end();
    });
    if (passes)
      proxy.on("upgrade", (request, socket) => {
        const there = connect(server.port, "127.0.0.1");
        const lines = request.rawHeaders.flatMap((name, index, all) =>
          index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
        );
        there.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
        there.pipe(socket).pipe(there);
        for (const end of [there, socket]) end.on("error", () => end.destroy());
      });
    open.push(proxy.listen(0, "127.0.0.1"));
    await once(proxy, "listening");
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  it("[OPS22] finds everything well where it is, through a proxy too", async () => {
    expect(brief(await lookAtServer(config({}), log))).toEqual([
      ["port", "well"],
      ["database", "well"],
      ["disk", "well"],
    ]);
    const url = await startProxy({ passes: true });
    expect(brief(await lookAtAddress(url))).toEqual([
      ["address", "well"],
      ["clock", "well"],
      ["WebSocket", "well"],
    ]);
    expect(brief(await lookAtRelays(config({}).turn))).toEqual([["relay", "open"]]);
  });

  it("[OPS22] names a proxy that lets no WebSocket pass, a clock that is wrong, and an address that leads elsewhere", async () => {
    const deaf = await lookAtAddress(await startProxy({ passes: false }));
    expect(brief(deaf)).toEqual([
      ["address", "well"],
      ["clock", "well"],
      ["WebSocket", "ill"],
    ]);
    expect(deaf[2]?.cure).toContain("Upgrade");
    const late = await startProxy({ passes: true, date: new Date(Date.now() - 300_000).toUTCString() });
    const [, clock] = await lookAtAddress(late);
    expect(clock).toMatchObject({ state: "ill", says: expect.stringMatching(/^(299|300|301) s/) });
    const other = createServer((_, reply) => reply.end("hello"));
    open.push(other.listen(0, "127.0.0.1"));
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const [address] = await lookAtAddress(`http://127.0.0.1:${port}`);
    expect(address).toMatchObject({ state: "ill", says: expect.stringContaining("not Parlor") });
    expect(brief(await lookAtServer(config({ port }), log))[0]).toEqual(["port", "ill"]);
  });

  it("[OPS22] names a database and a relay that do not answer, never with a secret", async () => {
    const databaseUrl = "postgres://someone:s3cret@127.0.0.1:1/nothing";
    const found = await lookAtServer(config({ port: await freePort(), databaseUrl }), log);
    expect(brief(found)).toEqual([
      ["port", "open"],
      ["database", "ill"],
      ["disk", "well"],
    ]);
    const turnUrls = [`turn:127.0.0.1:${await freePort()}?transport=tcp`];
    const relays = await lookAtRelays({ stunUrls: [], turnUrls, secret: "s3cret".repeat(3) });
    expect(relays).toMatchObject([{ state: "ill", cure: expect.stringContaining("TCP") }]);
    expect(JSON.stringify([found, relays])).not.toContain("s3cret");
  });

  it("[OPS22] ends with 0 when nothing is ill, with 1 when something is, one hop a line", async () => {
    const base = { PORT: String(server.port), DATA_DIR: server.dataDir };
    const well = await run({ ...base, PUBLIC_URL: server.url });
    expect(well.code).toBe(0);
    expect(well.text).toContain("ok    WebSocket through the address: goes through");
    const ill = await run({ ...base, PUBLIC_URL: `http://127.0.0.1:${await freePort()}` });
    expect(ill.code).toBe(1);
    expect(ill.text).toMatch(/FAIL {2}address http:.*\n {6}-> Point the name/);
    const wrong = await run({ ...base, TURN_URL: "turn:relay.example" });
    expect([wrong.code, wrong.text]).toEqual([1, expect.stringContaining("TURN_SECRET")]);
  });

  it("[OPS22] it tells whether calls can be recorded: the programs, and the folder", async () => {
    const janus = { url: "ws://127.0.0.1:9", secret: null, adminKey: null };
    const recording = { folder: join(server.dataDir, "recordings"), milliseconds: 1, bytes: 1 };
    expect(await lookAtRecordings({ recording })).toMatchObject({ state: "open" });
    const none = await lookAtRecordings({ janus, recording }, server.dataDir);
    expect(none).toMatchObject({ state: "open", says: "none: there is no ffmpeg and no janus-pp-rec" });
    for (const name of ["ffmpeg", "janus-pp-rec"]) {
      await writeFile(join(server.dataDir, name), "");
      await chmod(join(server.dataDir, name), 0o755);
    }
    expect(await lookAtRecordings({ janus, recording }, server.dataDir)).toMatchObject({ state: "well" });
    const blocked = { ...recording, folder: join(server.dataDir, "ffmpeg", "recordings") };
    expect(await lookAtRecordings({ janus, recording: blocked }, server.dataDir)).toMatchObject({
      state: "ill",
    });
  });
});

async function run(env: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const flags = ["--conditions=source", "--import", "tsx", MAIN];
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, flags, {
    env: { PATH, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}
