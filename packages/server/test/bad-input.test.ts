import { endpoints, type Method } from "@parlor/protocol";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import * as z from "zod/mini";
import { BAD_IDS, BAD_QUERY, DEEP, expectKnown, expectWorking, inTurns, NASTY } from "./support/bad.js";
import { makeGuest, makeRoom, newId, openSocket, type Person, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { type RawAnswer, rawRequest } from "./support/raw.js";
import { post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Record<string, JsonSchema>;
  readonly required?: readonly string[];
}

const WRONG: Record<string, readonly unknown[]> = {
  string: [7, true, ["x"], { a: 1 }, 1e308],
  integer: ["7", true, [7], {}, -1, 1.5, 1e308],
  number: ["7", true, [7], {}],
  boolean: ["true", 1, [], {}],
  array: ["x", 7, {}, [7]],
  object: ["x", 7, [], true],
};
describeWithDatabase("bad input", () => {
  let server: TestServer;
  let room: string;
  let message: string;
  let person: Person;
  beforeAll(async () => {
    server = await startTestServer();
    room = await makeRoom(server);
  });
  // A new one each time: a changed password or a logout takes the session of the one before.
  beforeEach(async () => {
    person = await makeGuest(server, `victim-${newId().slice(0, 8)}`);
    message = (await post(server, room, person, "there")).id;
  });
  afterAll(async () => {
    await server.close();
  });

  const values = (): Record<string, string> => ({
    room_id: room,
    user_id: person.id,
    message_id: message,
    emoji: "ok",
    upload_id: "0".repeat(32),
    file_id: "0".repeat(32),
  });
  const fill = (path: string, given: Record<string, string> = {}) =>
    path.replace(/\{(\w+)\}/g, (_, name: string) => given[name] ?? values()[name] ?? name);

  async function send(
    method: Method,
    path: string,
    body?: string,
    type = "application/json",
  ): Promise<RawAnswer> {
    const headers: Record<string, string> = { cookie: person.cookie ?? "" };
    if (body === undefined) return await rawRequest(server, method, path, { headers });
    return await rawRequest(server, method, path, { headers: { ...headers, "content-type": type }, body });
  }

  /** Kinds of value that a field takes. */
  const kinds = (schema: JsonSchema): string[] =>
    schema.anyOf ? schema.anyOf.flatMap(kinds) : schema.type === undefined ? [] : [schema.type];

  const valid: Record<string, unknown> = {
    username: "somebody",
    name: "Some room",
    content: "text",
    password: "long enough",
    new_password: "long enough",
    email: "somebody@example.test",
    token: "some-token",
    message: "hi",
    messages: [],
    size: 10,
    seq: 1,
    level: "all",
  };

  const routes = Object.entries(endpoints).flatMap(([name, endpoint]) =>
    [endpoint, ...endpoint.aliases].map(({ method, path }) => ({ name, method, path, endpoint })),
  );

  it.each(routes)("[HTTP1] $method $path: bad ids and queries", async ({ method, path, endpoint }) => {
    const body = endpoint.body ? "{}" : undefined;
    const params = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
    const paths = params.flatMap((name) => BAD_IDS.map((id) => fill(path, { [name]: id })));
    const query = z.toJSONSchema(endpoint.query, { io: "input", unrepresentable: "any" }) as JsonSchema;
    const names = [...Object.keys(query.properties ?? {}), "unknown"];
    const queries = names.flatMap((name) =>
      BAD_QUERY.map((text) => `${fill(path)}?${name}=${text.replaceAll("{name}", name)}`),
    );
    // A page of our own pictures stands under the same folder; what must not be there is a file of the system.
    await inTurns([...paths, ...queries], async (address) => {
      const answer = await send(method, address, body);
      expectKnown(`${method} ${address.slice(0, 200)}`, answer);
      expect(answer.text).not.toContain("root:");
    });
    // An emoji is any short text, and of the others two are ids that nobody has.
    await inTurns(paths, async (address) => {
      if (path.includes("{emoji}") || /__proto__|constructor/.test(address)) return;
      expect((await send(method, address, body)).status, address).toBeGreaterThanOrEqual(400);
    });
  });

  it.each(routes.filter(({ endpoint }) => endpoint.body !== null))(
    "[HTTP1] $method $path: bad bodies",
    async ({ method, path, endpoint }) => {
      if (!endpoint.body) return;
      const schema = z.toJSONSchema(endpoint.body, { io: "input", unrepresentable: "any" }) as JsonSchema;
      const fields = Object.entries(schema.properties ?? {});
      const base: Record<string, unknown> = { user_id: person.id };
      for (const name of schema.required ?? []) base[name] = values()[name] ?? valid[name];
      const address = fill(path);
      const broken = ["{", "nul", '"', '{"a":', "\ufeff{}", "{}{}", "\0"];
      const shapes = ["[]", '"text"', "17", "true", `[${JSON.stringify(base)}]`, DEEP];
      const missing = (schema.required ?? []).map((name) => JSON.stringify({ ...base, [name]: undefined }));
      const wrong = fields.flatMap(([name, field]) => {
        const takes = kinds(field);
        if (takes.length === 0) return [];
        // A list of numbers is right where one of texts is wanted, and the other way round.
        const numbers = JSON.stringify(field).includes('"items":{"type":"integer"');
        const bad = takes
          .filter((kind) => kind !== "null")
          .flatMap((kind) => WRONG[kind] ?? [])
          .map((value) => (numbers && Array.isArray(value) ? ["x"] : value));
        return bad.map((value) => JSON.stringify({ ...base, [name]: value }));
      });
      await inTurns([...broken, ...shapes, ...missing, ...wrong], async (body) => {
        const status = expectKnown(
          `${method} ${address} ${body.slice(0, 200)}`,
          await send(method, address, body),
        );
        expect([body.slice(0, 200), status >= 400]).toEqual([body.slice(0, 200), true]);
      });
      const odd = fields.flatMap(([name]) =>
        [
          NASTY,
          "x".repeat(300_000),
          `${NASTY}@${NASTY}`,
          `http://${NASTY}`,
          `http://pics.test/${NASTY}`,
          "",
          null,
          { thumbnail: NASTY },
          { id: NASTY, username: NASTY, avatar_urls: { large: NASTY } },
          [NASTY],
        ].map((value) => JSON.stringify({ ...base, [name]: value })),
      );
      const deep = fields.map(([name]) => JSON.stringify({ ...base, [name]: 0 }).replace(/0}$/, `${DEEP}}`));
      const keys = [
        '{"__proto__":{"polluted":1}}',
        '{"constructor":{"prototype":{"polluted":1}}}',
        `{"${"k".repeat(9_000)}":1}`,
      ];
      await inTurns([...odd, ...deep, ...keys], async (body) => {
        expectKnown(`${method} ${address} ${body.slice(0, 200)}`, await send(method, address, body));
      });
      const whole = JSON.stringify(base);
      for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
        expect(expectKnown(type, await send(method, address, whole, type)), type).toBe(415);
      const huge = await send(
        method,
        address,
        JSON.stringify({ ...base, pad: "x".repeat(2.2 * 1024 * 1024) }),
      );
      expect(expectKnown("huge", huge)).toBe(413);
    },
    60_000,
  );

  it("[CORS3] a foreign origin with a cookie changes nothing, on any route", async () => {
    await inTurns(
      routes.filter(({ method }) => method !== "GET"),
      async ({ method, path }) => {
        const headers = {
          cookie: person.cookie ?? "",
          origin: "https://evil.test",
          "content-type": "application/json",
        };
        const answer = await rawRequest(server, method, fill(path), { headers, body: "{}" });
        expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([
          path,
          403,
          "origin_not_allowed",
        ]);
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      },
    );
    expect((await request(server, "GET", `/users/${person.id}`)).json.username).toBe(person.name);
  });

  it("[HTTP7] NUL and lone surrogates in the text that a user chose are stored as U+FFFD", async () => {
    const made = await request(server, "POST", "/users", { body: { username: `${NASTY}${person.id}` } });
    expect(made.json.username).toBe(`a\ufffdb\ufffdc\ufffdd\u2028\u202e${person.id}`);
    const named = await openSocket(server, room, newId(), { query: { username: "x\0y" } });
    expect((await named.next("user_joined")).username).toBe("x\ufffdy");
    await named.close();
  });

  it("[HTTP1] after all of it the server works", () => expectWorking(server));
});
