import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { registerPages } from "../src/http/pages.js";
import { makeGuest, makeRoom, newId, newName, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { uploadFile } from "./support/uploads.js";

/** A JSON object of the document. */
type Node = Record<string, unknown>;

interface Operation {
  readonly operationId: string;
  readonly parameters: { name: string; in: string; required: boolean; schema: Node }[];
  readonly responses: Record<string, { description: string; content: Record<string, { schema: Node }> }>;
  readonly requestBody?: { content: Record<string, { schema: Node }> };
}

const JSON_SCHEMA_TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"];

/** Every object below a value. */
function* nodes(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Node;
  for (const child of Object.values(value)) yield* nodes(child);
}

describeWithDatabase("the documents and pages", () => {
  let server: TestServer;
  let paths: Record<string, Record<string, Operation>>;
  let document: Node;
  beforeAll(async () => {
    server = await startTestServer();
    document = (await request(server, "GET", "/openapi.json")).json;
    paths = document.paths as typeof paths;
  });
  afterAll(async () => {
    await server.close();
  });

  const operations = () =>
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );

  it("[HTTP3] /openapi.json is OpenAPI 3.1 with the route that the seeds' front end looks for", async () => {
    expect(document).toMatchObject({ openapi: "3.1.0", info: { title: "Parlor", version: "2.0.0" } });
    expect(paths["/users/{user_id}/password"]?.put).toBeDefined();
    expect(paths["/rooms/{room_id}/join"]?.post).toBeDefined();
    expect(paths["/{room_id}/join"]?.post).toBeDefined();
    expect(paths["/auth/magic-link/verify"]?.post).toBeDefined();
    for (const { path } of operations()) expect(path).toMatch(/^\/[\w/{}.-]*$/);
  });

  it("[HTTP3] the document is sound: ids, parameters, references, types, answers", async () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const given = operation.parameters.filter((parameter) => parameter.in === "path");
      expect(given.map(({ name }) => name).sort(), path).toEqual(named.sort());
      for (const parameter of operation.parameters) {
        expect(["path", "query", "header"]).toContain(parameter.in);
        if (parameter.in === "path") expect(parameter.required).toBe(true);
        expect(parameter.schema, `${path} ${parameter.name}`).not.toEqual({});
      }
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response.description.length).toBeGreaterThan(0);
      }
      expect(operation.responses["200"], path).toBeDefined();
    }
    for (const node of nodes(document)) {
      if (typeof node.$ref === "string") expect(node.$ref).toBe("#/components/schemas/Error");
      if (typeof node.pattern === "string") expect(() => new RegExp(String(node.pattern), "u")).not.toThrow();
      if (typeof node.type === "string" && node.type !== "http")
        expect(JSON_SCHEMA_TYPES).toContain(node.type);
    }
    expect(JSON.stringify(document)).not.toContain("password_hash");
  });

  it("[HTTP3] every declared route answers something else than 404 and 405", async () => {
    const room = await makeRoom(server);
    const guest = await makeGuest(server, newName());
    const values: Record<string, string> = { room_id: room, user_id: guest.id, emoji: "👍" };
    const picture = await uploadFile(guest, room, { bytes: Buffer.from("text") });
    Object.assign(values, { file_id: picture.id, name: "x" });
    for (const { path, method, operation } of operations()) {
      const body = { user_id: guest.id, content: "x" };
      if (path.includes("{message_id}")) {
        values.message_id = (await guest.request("POST", `/rooms/${room}/messages`, { body })).json.id;
      }
      if (path.includes("{upload_id}")) {
        const upload = { name: "x", size: 1 };
        values.upload_id = (await guest.request("POST", `/rooms/${room}/uploads`, { body: upload })).json.id;
      }
      const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? "?"));
      expect(url).not.toContain("%3F");
      const answer = await guest.request(method, url, operation.requestBody ? { body: {} } : {});
      expect([404, 405, 500], `${method} ${url}: ${answer.text.slice(0, 200)}`).not.toContain(answer.status);
      expect(operation.responses, `${method} ${url} ${answer.status}`).toHaveProperty(String(answer.status));
    }
  });

  it("[HTTP3] /docs and /redoc ask no other host for anything", async () => {
    for (const path of ["/docs", "/redoc"]) {
      const page = await request(server, "GET", path);
      expect(page.headers.get("content-type")).toContain("text/html");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(page.text).not.toMatch(/(src|href)=["'](https?:)?\/\//);
      const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const answer = await request(server, "GET", file);
        expect(answer.status, file).toBe(200);
        expect(answer.headers.get("content-type")).toMatch(/javascript|css/);
      }
      expect(page.text + (await request(server, "GET", "/docs/start.js")).text).toContain("/openapi.json");
    }
  });

  it("[HTTP2] / is a page only where Accept has text/html", async () => {
    const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const page = await request(server, "GET", "/", { headers: { accept: browser } });
    expect(page.headers.get("content-type")).not.toContain("json");
    expect(page.headers.get("vary")).toContain("Accept");
    const json = await request(server, "GET", "/", { headers: { accept: "*/*" } });
    expect(json.headers.get("content-type")).toContain("application/json");
  });

  it("[HTTP8] [PWA1] pages of the web client carry a policy; the rest stays the API's", async () => {
    const root = await mkdtemp(join(tmpdir(), "parlor-pages-"));
    await mkdir(join(root, "assets"));
    await writeFile(join(root, "index.html"), "<!doctype html><p>the client</p>");
    await mkdir(join(root, "icons"));
    await writeFile(join(root, "assets/app-1.js"), "1;");
    await writeFile(join(root, "sw.js"), "2;");
    await writeFile(join(root, "manifest.webmanifest"), "{}");
    await writeFile(join(root, "icons/icon-192.png"), Buffer.from([0x89, 0x50, 0xff]));
    await writeFile(join(root, "assets/app-1.js.br"), brotliCompressSync("1;"));
    const app = Fastify();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("cache-control", "no-store");
    });
    await registerPages(app, root);
    for (const path of [
      "/",
      "/r/some-room",
      "/login",
      "/signup",
      "/settings",
      "/check",
      "/auth/verify",
      "/auth/magic-link",
    ]) {
      const page = await app.inject({ url: `${path}?token=x`, headers: { accept: "text/html" } });
      expect(page.statusCode, path).toBe(200);
      expect(page.body).toContain("the client");
      const policy = String(page.headers["content-security-policy"]);
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(page.headers["cache-control"], path).toBe(path.startsWith("/auth/") ? "no-store" : "no-cache");
      expect(page.headers["referrer-policy"]).toBe("same-origin");
    }
    const asset = await app.inject({ url: "/assets/app-1.js" });
    expect(asset.headers["cache-control"]).toContain("immutable");
    expect(asset.body).toBe("1;");
    const smaller = await app.inject({ url: "/assets/app-1.js", headers: { "accept-encoding": "gzip, br" } });
    expect(smaller.headers["content-encoding"]).toBe("br");
    expect(smaller.headers["content-type"]).toContain("javascript");
    expect(smaller.headers.vary).toContain("Accept-Encoding");
    expect(brotliDecompressSync(smaller.rawPayload).toString()).toBe("1;");
    const worker = await app.inject({ url: "/sw.js" });
    expect(worker.headers).toMatchObject({
      "cache-control": "no-cache",
      "content-type": "text/javascript; charset=utf-8",
    });
    expect(worker.body).toBe("2;");
    const manifest = await app.inject({ url: "/manifest.webmanifest" });
    expect(manifest.headers["content-type"]).toBe("application/manifest+json");
    const icon = await app.inject({ url: "/icons/icon-192.png" });
    expect(icon.headers["content-type"]).toBe("image/png");
    expect(icon.rawPayload).toEqual(Buffer.from([0x89, 0x50, 0xff]));
    expect((await app.inject({ url: "/assets/..%2findex.html" })).statusCode).not.toBe(200);
    expect((await app.inject({ url: "/", headers: { accept: "application/json" } })).json().status).toBe(
      "ok",
    );
    await app.close();
    await rm(root, { recursive: true });
    expect(
      (await request(server, "GET", `/users/${newId()}`, { headers: { accept: "text/html" } })).json.detail,
    ).toBe("User not found");
  });
});
