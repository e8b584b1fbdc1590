import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createAvatars } from "../src/avatars/service.js";
import { connectDatabase } from "../src/db/database.js";
import { createLog } from "../src/log.js";
import { createUsers } from "../src/users/service.js";
import { form, plainPicture } from "./avatars-pictures.js";
import { type Answer, makeGuest, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const HOUR = 60 * 60 * 1000;

describeWithDatabase("avatars: files and bounds", () => {
  // Generous, for machines that do much else at the same time.
  vi.setConfig({ testTimeout: 60_000 });
  let server: TestServer;
  let picture: Buffer;

  beforeAll(async () => {
    server = await startTestServer();
    picture = await plainPicture("jpeg");
  });
  afterAll(async () => await server.close());

  const upload = (userId: string, body: FormData | string | Uint8Array, options = {}): Promise<Answer> =>
    request(server, "PUT", `/users/${userId}/avatar`, { body, ...options });

  test("[AV7] the same picture keeps its address, also after a restart", async () => {
    const guest = await makeGuest(server, "erin");
    const send = () => guest.request("PUT", `/users/${guest.id}/avatar`, { body: form({ file: picture }) });
    const first = await send();
    await server.restart();
    expect((await send()).json.avatar_urls).toEqual(first.json.avatar_urls);
    const other = await makeGuest(server, "frank");
    const theirs = await other.request("PUT", `/users/${other.id}/avatar`, { body: form({ file: picture }) });
    expect(theirs.json.avatar_url).not.toBe(first.json.avatar_url);
  });

  test("[AV8] files are served for ever, for everybody, as pictures only", async () => {
    const guest = await makeGuest(server, "grace");
    const { json } = await guest.request("PUT", `/users/${guest.id}/avatar`, {
      body: form({ file: picture }),
    });
    const response = await fetch(json.avatar_url, { headers: { origin: "https://elsewhere.example" } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/webp",
      "content-length": String(bytes.length),
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cross-origin-resource-policy": "cross-origin",
    });
    expect(response.headers.get("set-cookie")).toBeNull();
    const etag = response.headers.get("etag") ?? "";
    const head = await fetch(json.avatar_url, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), head.headers.get("etag")]).toEqual([
      200,
      String(bytes.length),
      etag,
    ]);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await fetch(json.avatar_url, { headers: { "if-none-match": tag } });
      expect([tag, again.status, await again.text()]).toEqual([tag, 304, ""]);
    }
    expect((await fetch(json.avatar_url, { headers: { "if-none-match": '"x"' } })).status).toBe(200);
  });

  test("[AV8] no other path leads to a file", async () => {
    const stem = "0".repeat(32);
    for (const path of [
      `/avatars/${stem}-small.webp`,
      "/avatars/..%2F..%2Fpackage.json",
      "/avatars/%2e%2e%2fpostmaster.pid",
      "/avatars/..%5c..%5cx",
      "/avatars/%00",
      `/avatars/${stem}-small.webp%00`,
      "/avatars/",
      "/avatars",
    ]) {
      const answer = await request(server, "GET", path);
      expect([path, answer.status, answer.json?.code]).toEqual([path, 404, "not_found"]);
      expect(answer.headers.get("cache-control")).not.toContain("immutable");
    }
  });

  test("[AV12] health tells the seeds' fields", async () => {
    const { status, json } = await request(server, "GET", "/avatars/health");
    expect([status, json]).toEqual([
      200,
      {
        status: "healthy",
        bunny_net_configured: false,
        storage_zone: null,
        cdn_hostname: null,
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  test("[AV13] files go a day after nothing refers to them, and not before", async () => {
    const log = createLog("fatal", false);
    const database = connectDatabase({ url: server.databaseUrl, max: 1 }, log);
    const avatars = createAvatars({ database, users: createUsers(database), dataDir: server.dataDir, log });
    const folder = join(server.dataDir, "avatars");
    try {
      const guest = await makeGuest(server, "niaj");
      const send = async (colour: string) => {
        const body = form({ file: await plainPicture("png", { colour }) });
        return (await guest.request("PUT", `/users/${guest.id}/avatar`, { body })).json.avatar_url as string;
      };
      const [replaced, spoken, hosted, current] = [
        await send("#111"),
        await send("#222"),
        await send("#333"),
        await send("#444"),
      ];
      const made = await guest.request("POST", "/rooms", {
        body: { name: "Room", host: { id: guest.id, username: "niaj", avatar_url: hosted } },
      });
      expect(made.status).toBe(200);
      const said = await guest.request("POST", `/rooms/${made.json.id}/messages`, {
        body: { user_id: guest.id, username: "niaj", content: "hello", avatar_url: spoken },
      });
      expect(said.status).toBe(200);
      const statuses = async () =>
        await Promise.all([replaced, spoken, hosted, current].map(async (url) => (await fetch(url)).status));

      const now = Date.now();
      await avatars.sweep(now + 2 * HOUR);
      await avatars.sweep(now + 23 * HOUR);
      expect(await statuses()).toEqual([200, 200, 200, 200]);
      // A year without a sweep: what is in use stays all the same.
      await avatars.sweep(now + 365 * 24 * HOUR);
      expect(await statuses()).toEqual([404, 200, 200, 200]);

      // What was in use at the last sweep has a day from then on.
      await guest.request("DELETE", `/users/${guest.id}/avatar`);
      await avatars.sweep(now + 365 * 24 * HOUR + 23 * HOUR);
      expect((await statuses())[3]).toBe(200);
      await avatars.sweep(now + 365 * 24 * HOUR + 27 * HOUR);
      expect((await statuses())[3]).toBe(404);

      // Used again in time, an old file is young.
      for (const name of await readdir(folder)) await utimes(join(folder, name), 1, 1);
      const again = await send("#222");
      expect(again).toBe(spoken);
      await avatars.sweep(Date.now());
      expect((await fetch(again)).status).toBe(200);
    } finally {
      await database.close();
    }
  });

  test("[AV15] bodies that are no forms are refused, and nothing breaks", async () => {
    const guest = await makeGuest(server, "olivia");
    const type = "multipart/form-data";
    const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
    const many = new FormData();
    for (let i = 0; i < 40; i++) many.append("file", new Blob([new Uint8Array(picture)]), "a.jpg");
    const cases: [string, FormData | string | Uint8Array | undefined, string | undefined, number][] = [
      ["nothing", undefined, undefined, 415],
      ["JSON", "{}", "application/json", 415],
      ["raw picture", new Uint8Array(picture), "image/jpeg", 415],
      ["no boundary", "x", type, 422],
      ["empty", "", `${type}; boundary=x`, 422],
      ["no form", "hello", `${type}; boundary=x`, 422],
      ["no end", `${part}abc`, `${type}; boundary=x`, 422],
      ["bad heads", "--x\r\n\0\xff: :\r\n\r\nabc\r\n--x--\r\n", `${type}; boundary=x`, 422],
      [
        "prototype",
        part.replace('"file"', '"__proto__"').concat("abc\r\n--x--\r\n"),
        `${type}; boundary=x`,
        422,
      ],
      ["other field", form({ other: picture }), undefined, 422],
      [
        "text field",
        '--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n',
        `${type}; boundary=x`,
        422,
      ],
      ["too many", many, undefined, 413],
    ];
    for (const [name, body, contentType, status] of cases) {
      const headers: Record<string, string> = contentType ? { "content-type": contentType } : {};
      const answer = await guest.request("PUT", `/users/${guest.id}/avatar`, { body, headers });
      expect([name, answer.status, typeof answer.json?.code]).toEqual([name, status, "string"]);
    }
    const strange = await upload("no%20such%2Fuser", form({ file: picture }));
    expect(strange.status).toBeLessThan(500);
    expect(strange.status).toBeGreaterThanOrEqual(400);
    expect(
      (await guest.request("PUT", `/users/${guest.id}/avatar`, { body: form({ file: picture }) })).status,
    ).toBe(200);
  });

  test("[AV14] one address cannot fill the disk", async () => {
    const limited = await startTestServer({ rateLimit: true });
    try {
      const guest = await makeGuest(limited, "peggy");
      // The count comes before the body, so none is needed.
      const send = () => guest.request("PUT", `/users/${guest.id}/avatar`);
      const statuses = new Set<number>();
      for (let round = 0; round < 16; round++) {
        for (const answer of await Promise.all(Array.from({ length: 20 }, send))) statuses.add(answer.status);
      }
      expect(statuses).toEqual(new Set([415, 429]));
    } finally {
      await limited.close();
    }
  });
});
