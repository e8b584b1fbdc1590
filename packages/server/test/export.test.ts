import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, type Person, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, post, range } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { uploadFile } from "./support/uploads.js";

const EVIL = `<script>alert(1)</script> "quoted" 'single' & <img src=x onerror=alert(1)>`;

describeWithDatabase("export", () => {
  let server: TestServer;
  let member: Person;
  beforeAll(async () => {
    server = await startTestServer();
    member = await makeGuest(server, "Member");
  });
  afterAll(async () => {
    await server.close();
  });

  async function talk(): Promise<{ room: string; ids: string[] }> {
    const room = await makeRoom(server, { name: EVIL, description: EVIL, created_by: newId() });
    const first = await post(server, room, member, `${EVIL}\nsecond line`, { client_id: "secret-name" });
    const answer = await post(server, room, member, "an answer", { reply_to: first.id });
    const gone = await post(server, room, member, "regretted");
    const path = `/rooms/${room}/messages`;
    await member.request("PATCH", `${path}/${answer.id}`, { body: { content: "a better answer" } });
    await member.request("DELETE", `${path}/${gone.id}`);
    await member.request("PUT", `${path}/${first.id}/reactions/%F0%9F%91%8D`, {
      body: { user_id: member.id },
    });
    await member.request("PUT", `/users/${member.id}/profile`, {
      body: { display_name: `Now & "Then" <b>` },
    });
    return { room, ids: [first.id, answer.id, gone.id] };
  }

  async function hosted(): Promise<string> {
    const made = await member.request("POST", "/rooms", { body: { name: "Hosted", created_by: member.id } });
    return made.json.id;
  }

  it("[EXP1] as JSON: the room and all messages in their newest state, with the names of now", async () => {
    const { room, ids } = await talk();
    const answer = await member.request("GET", `/rooms/${room}/export`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="[\w -]+\.json"; filename\*=UTF-8''%3Cscript/,
    );
    const { room: about, messages, exported_at } = answer.json;
    expect(about).toMatchObject({ id: room, name: EVIL });
    expect(exported_at).toMatch(/Z$/);
    expect(messages.map(({ id }: { id: string }) => id)).toEqual(ids);
    const [first, second, third] = messages;
    expect(first).toMatchObject({ username: `Now & "Then" <b>`, reactions: [{ emoji: "👍", count: 1 }] });
    expect(first).not.toHaveProperty("client_id");
    expect(second).toMatchObject({ content: "a better answer", reply_to: { id: ids[0] } });
    expect(second.edited_at).toMatch(/Z$/);
    expect([third.content, typeof third.deleted_at]).toEqual(["", "string"]);
    expect(answer.text).not.toContain("regretted");
  });

  it("[EXP2] as a page: readable, without scripts, everything escaped, under a strict policy", async () => {
    const { room } = await talk();
    const { text, headers } = await member.request("GET", `/rooms/${room}/export?format=html`);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'/,
    );
    expect(policy).toMatch(/sandbox$/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(text).toContain('<meta http-equiv="Content-Security-Policy"');
    const tags = [...new Set([...text.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag))];
    const known = [
      "html",
      "head",
      "meta",
      "title",
      "style",
      "body",
      "header",
      "h1",
      "p",
      "time",
      "main",
      "h2",
    ];
    expect(
      tags.filter((tag) => ![...known, "article", "b", "span", "blockquote", "a"].includes(tag ?? "")),
    ).toEqual([]);
    expect(text).toContain(
      "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &#39;single&#39; &amp; &lt;img",
    );
    for (const words of [
      "a better answer",
      "edited ",
      "This message was deleted",
      "👍 1",
      "Now &amp; &quot;Then&quot; &lt;b&gt;",
    ])
      expect(text).toContain(words);
    expect(text).toMatch(/<blockquote dir="auto"><a href="#m1">/);
    expect(text.trimEnd().endsWith("</html>")).toBe(true);
  });

  it("[EXP2] files are linked by their names", async () => {
    const room = await hosted();
    const bytes = new TextEncoder().encode("text");
    const { id } = await uploadFile(member, room, { name: `a "file" <b>.txt`, bytes });
    await post(server, room, member, "", { attachments: [id] });
    const { text } = await member.request("GET", `/rooms/${room}/export?format=html`);
    const [, address = "", name] =
      /<li><a href="([^"]+)" rel="noreferrer" dir="auto">([^<]+)</.exec(text) ?? [];
    expect(name).toBe("a &quot;file&quot; &lt;b&gt;.txt");
    expect(address.startsWith(`${server.url}/files/${id}/`)).toBe(true);
    const { json } = await member.request("GET", `/rooms/${room}/export`);
    expect(json.messages[0].attachments[0]).toMatchObject({ id, url: address });
  });

  it("[EXP1] a long history comes whole, in order and without gaps", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 1_234, "x".repeat(2_000));
    await member.request("POST", `/rooms/${room}/join`, { body: { user_id: member.id } });
    const { json } = await member.request("GET", `/rooms/${room}/export?format=json`);
    expect(json.messages.map(({ seq }: { seq: number }) => seq)).toEqual(range(1, 1_234));
    const empty = await hosted();
    expect((await member.request("GET", `/rooms/${empty}/export`)).json.messages).toEqual([]);
  });

  it("[EXP1] a reader who leaves in the middle harms nothing", async () => {
    const room = await hosted();
    await fillRoom(server, room, 2_000, "x".repeat(5_000));
    const leaving = new AbortController();
    const headers = { cookie: member.cookie ?? "" };
    const answer = await fetch(`${server.url}/rooms/${room}/export`, { headers, signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    expect((await request(server, "GET", "/health")).status).toBe(200);
  });

  it("[EXP1] for members alone", async () => {
    const [room, locked] = [await makeRoom(server), await makeRoom(server, { password: "secret" })];
    await post(server, room, member, "hello");
    const outsider = await makeGuest(server, "Outsider");
    const codes = await Promise.all([
      outsider.request("GET", `/rooms/${room}/export`),
      request(server, "GET", `/rooms/${room}/export`),
      outsider.request("GET", `/rooms/${locked}/export`),
      outsider.request("GET", `/rooms/${newId()}/export`),
      outsider.request("GET", `/rooms/${room}/export?format=pdf`),
    ]);
    expect(codes.map(({ json }) => json.code)).toEqual([
      "forbidden",
      "session_required",
      "password_required",
      "room_not_found",
      "invalid_request",
    ]);
  });

  it("[EXP1] only so many in a while", async () => {
    const limited = await startTestServer({ rateLimit: true });
    const host = await makeGuest(limited, "Host");
    const room = await makeRoom(limited, { created_by: host.id });
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1)
      statuses.push((await host.request("GET", `/rooms/${room}/export`)).status);
    expect(statuses).toContain(429);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    await limited.close();
  });
});
