import { randomBytes } from "node:crypto";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import { createApi, type UploadProgress } from "../src/index.js";
import { chromiumPath, type ScriptPage, servePage } from "./support/chromium.js";
import { startCuttingProxy, startProxy } from "./support/proxy.js";
import { enter, type Guest, makeGuest, until } from "./support/talk.js";

declare global {
  /** What the test's page puts there. */
  var createParlorApi: typeof createApi;
}

vi.setConfig({ testTimeout: 60_000 });

const KILOBYTE = 1024;

let server: TestServer;
let site: ScriptPage;
let pagesUrl: string;
let alice: Guest;
let roomId: string;

beforeAll(async () => {
  site = await servePage(`import { createApi } from "./index.ts"; globalThis.createParlorApi = createApi;`);
  pagesUrl = `http://127.0.0.1:${site.port}`;
  server = await startTestServer({ allowedOrigins: [pagesUrl] });
  alice = await makeGuest(server.url, "Alice");
  roomId = (await alice.api.call("createRoom", { body: { name: "Kitchen" } })).id;
});
afterAll(async () => {
  await server.close();
  await site.close();
});

const apiAt = (url: string, own?: typeof fetch) =>
  createApi({ url, token: () => alice.token, ...(own ? { fetch: own } : {}) });
const bytesOf = async (url: string) =>
  Buffer.from(
    await (await fetch(url, { headers: { authorization: `Bearer ${alice.token}` } })).arrayBuffer(),
  );
const at = (url: string, base: string) => base + new URL(url).pathname;

test("[FILE3] an upload goes on after every cut, byte for byte, and tells how far it is", async () => {
  const proxy = await startCuttingProxy(server.port, 700 * KILOBYTE);
  const bytes = randomBytes(3_000 * KILOBYTE);
  const told: UploadProgress[] = [];
  const file = new File([bytes], "big.bin", { type: "application/x-thing" });
  const attachment = await apiAt(proxy.url).upload(roomId, file, {
    onProgress: (progress) => told.push(progress),
  });
  expect(proxy.cuts).toBeGreaterThanOrEqual(3);
  expect(attachment).toMatchObject({ name: "big.bin", size: bytes.length, kind: "file" });
  expect((await bytesOf(at(attachment.url, server.url))).equals(bytes)).toBe(true);
  const sent = told.map((progress) => progress.sent);
  expect([sent[0], sent.at(-1)]).toEqual([0, bytes.length]);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  await proxy.close();
});

test("[FILE3] an upload waits for the network and goes on", async () => {
  const proxy = await startProxy(server.port);
  let failures = 0;
  const watched: typeof fetch = async (...input) => {
    try {
      return await fetch(...input);
    } catch (error) {
      failures += 1;
      if (failures === 2) proxy.refuseAll(false);
      throw error;
    }
  };
  const bytes = randomBytes(900 * KILOBYTE);
  const attachment = await apiAt(proxy.url, watched).upload(roomId, new Blob([bytes]), {
    name: "away.bin",
    onProgress: ({ sent }) => {
      if (sent > 0 && failures === 0) proxy.refuseAll(true);
    },
  });
  expect(failures).toBe(2);
  expect((await bytesOf(at(attachment.url, server.url))).equals(bytes)).toBe(true);
  await proxy.close();
});

test("[FILE3] a later life of the client goes on with an upload; another file is refused", async () => {
  const bytes = randomBytes(600 * KILOBYTE);
  let id = "";
  const quits = apiAt(server.url, async (input, init) => {
    if (id !== "" && init?.method !== "POST") throw new DOMException("The page was closed.", "AbortError");
    return await fetch(input, init);
  });
  const left = new AbortController();
  await expect(
    quits.upload(roomId, new Blob([bytes]), {
      signal: left.signal,
      onStart: (started) => {
        id = started;
        queueMicrotask(() => left.abort());
      },
    }),
  ).rejects.toThrow();
  const api = apiAt(server.url);
  await expect(api.upload(roomId, new Blob(["other"]), { resume: id })).rejects.toMatchObject({
    code: "rule_broken",
  });
  const attachment = await api.upload(roomId, new Blob([bytes]), { resume: id });
  expect([attachment.id, (await bytesOf(attachment.url)).equals(bytes)]).toEqual([id, true]);
});

test("[FILE4] a cancelled upload is forgotten by the server", async () => {
  const cancelling = new AbortController();
  let id = "";
  const upload = apiAt(server.url).upload(roomId, new Blob([randomBytes(900 * KILOBYTE)]), {
    signal: cancelling.signal,
    onStart: (started) => {
      id = started;
    },
    onProgress: ({ sent }) => {
      if (sent > 0) cancelling.abort();
    },
  });
  await expect(upload).rejects.toMatchObject({ name: "AbortError" });
  await expect(alice.api.call("getUpload", { params: { upload_id: id } })).rejects.toMatchObject({
    code: "upload_not_found",
  });
});

test("[FILE5] a refusal for good is thrown at once, in the server's words", async () => {
  const huge = { size: 200 * KILOBYTE * KILOBYTE, slice: () => new Blob(), type: "" } as unknown as Blob;
  await expect(alice.api.upload(roomId, huge)).rejects.toMatchObject({
    code: "file_too_large",
    message: "This file is too large. Send one of at most 100 MB.",
  });
});

test("[FILE12] the outbox sends a message with its files, also without text", async () => {
  const room = enter(alice, server.url, roomId);
  const attachment = await alice.api.upload(roomId, new File(["hello"], "hello.txt"));
  room.send("", { attachments: [attachment.id] });
  expect(room.state.pending[0]?.attachments).toEqual([attachment.id]);
  await until(
    room,
    "the message with its file",
    () => room.state.messages.at(-1)?.attachments?.[0]?.id === attachment.id,
  );
  room.send("text", { attachments: [attachment.id] });
  await until(room, "the refusal", () => room.state.pending[0]?.failure?.code === "attachment_invalid");
  expect(() => room.send(" ")).toThrow();
  room.close();
});

describe.skipIf(!chromiumPath)(`in a browser${chromiumPath ? "" : " (skipped: no Chromium)"}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  test("[FILE3] an upload from another origin goes on after cuts", async () => {
    const proxy = await startCuttingProxy(server.port, 300 * KILOBYTE);
    const page = await browser.newPage();
    await page.goto(pagesUrl);
    const { attachment, sum } = await page.evaluate(
      async ([url, token, room]) => {
        const bytes = new Uint8Array(1_000_000).map((_, index) => (index * 7) % 251);
        const digest = await crypto.subtle.digest("SHA-256", bytes);
        const api = createParlorApi({ url: url ?? "", token: () => token ?? null });
        const file = new File([bytes], "browser.bin");
        return { attachment: await api.upload(room ?? "", file), sum: [...new Uint8Array(digest)] };
      },
      [proxy.url, alice.token, roomId],
    );
    const { createHash } = await import("node:crypto");
    const kept = createHash("sha256").update(await bytesOf(at(attachment.url, server.url)));
    expect([...kept.digest()]).toEqual(sum);
    expect(proxy.cuts).toBeGreaterThanOrEqual(2);
    await page.close();
    await proxy.close();
  });
});
