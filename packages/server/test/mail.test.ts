import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  newName,
  PASSWORD,
  type RequestOptions,
  request,
  until,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { inDatabase } from "./support/room.js";
import { keepLog, startTestServer, type TestServer } from "./support/server.js";

const FRONT_END = "https://video-chat-frontend-seven.vercel.app";
const PUBLIC = "https://parlor.example";

/** A mail that came. */
interface Mail {
  readonly to: string[];
  readonly from: string;
  readonly text: string;
}

describeWithDatabase("sign-in links", () => {
  const mails: Mail[] = [];
  const kept = keepLog();
  const catcher = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo(address, _session, done) {
      const refused = address.address.startsWith("refused");
      done(refused ? new Error(`no mailbox ${address.address}`) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const from = mailFrom === false ? "" : mailFrom.address;
        // Quoted-printable breaks lines and writes = as =3D.
        const text = Buffer.concat(chunks).toString().replaceAll("=\r\n", "").replaceAll("=3D", "=");
        mails.push({ to, from, text });
        done();
      });
    },
  });
  let database: TestDatabase;
  let server: TestServer;
  beforeAll(async () => {
    await new Promise<void>((resolve) => catcher.listen(0, "127.0.0.1", resolve));
    const { port } = catcher.server.address() as AddressInfo;
    const mail = { smtpUrl: `smtp://127.0.0.1:${port}`, mailFrom: "Parlor <parlor@parlor.example>" };
    database = await createTestDatabase();
    server = await startTestServer({ ...mail, publicUrl: PUBLIC }, { database, log: kept.log });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
    await new Promise<void>((resolve) => catcher.close(resolve));
  });

  const ask = (email: unknown, options: RequestOptions = {}) =>
    request(server, "POST", "/auth/magic-link/request", { body: { email }, ...options });
  const verify = (token: unknown, options: RequestOptions = {}) =>
    request(server, "POST", "/auth/magic-link/verify", { body: { token }, ...options });
  const address = (stem = "person") => `${newName(stem)}@mail.example`;

  /** Asks for a link and waits for its mail; answers the token and where the link leads. */
  async function link(email: string, options: RequestOptions = {}): Promise<{ token: string; base: string }> {
    const before = mails.length;
    const asked = await ask(email, options);
    expect(asked.status).toBe(200);
    const isIts = ({ to }: Mail) => to.length === 1 && to[0]?.toLowerCase() === email.toLowerCase();
    await until(() => mails.slice(before).some(isIts), `a mail to ${email}`);
    const mail = mails.slice(before).find(isIts);
    expect(mail?.from).toBe("parlor@parlor.example");
    const found = /(https?:\/\/\S+)\/auth\/verify\?token=([\w-]+)/.exec(mail?.text ?? "");
    return { base: found?.[1] ?? "", token: found?.[2] ?? "" };
  }

  it("[AUTH10] a link signs a new address in, once, with an account named after it", async () => {
    const email = address("newcomer");
    const { token, base } = await link(email);
    expect(base).toBe(PUBLIC);
    expect(token.length).toBeGreaterThanOrEqual(22);
    const signed = await verify(token);
    expect(signed.status).toBe(200);
    expect(Object.keys(signed.json).sort()).toEqual(["access_token", "user"]);
    expect(signed.json.user).toMatchObject({ username: email.split("@")[0], email, account: true });
    expect(signed.cookie).toMatch(/^parlor_/);
    const me = await request(server, "GET", "/auth/me", { token: signed.json.access_token });
    expect(me.json.id).toBe(signed.json.user.id);
    expect((await request(server, "GET", "/auth/me", { cookie: signed.cookie })).status).toBe(200);
    const again = await verify(token);
    expect([again.status, again.json.code, again.cookie]).toEqual([401, "link_invalid", null]);
    // The same address comes back to the same account, whatever its case.
    const second = await verify((await link(email.toUpperCase())).token);
    expect(second.json.user.id).toBe(signed.json.user.id);
    expect((await request(server, "GET", "/auth/me", { token: signed.json.access_token })).status).toBe(200);
  });

  it("[AUTH10] two uses of one link at once sign one in", async () => {
    const { token } = await link(address());
    const answers = await Promise.all([1, 2, 3, 4].map(() => verify(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  it("[AUTH10] asking is 200 whatever the address, and 422 for what is none", async () => {
    const account = await makeAccount(server, newName(), { email: address("known") });
    const known = await ask((await account.request("GET", "/auth/me")).json.email);
    const unknown = await ask(address("unknown"));
    const refused = await ask("refused@mail.example");
    expect([known.status, unknown.status, refused.status]).toEqual([200, 200, 200]);
    expect(known.text).toBe(unknown.text);
    expect(known.text).toBe(refused.text);
    for (const bad of [undefined, "", "nobody", "a b@c.d", "a@b@c.d", "a@b.c\r\nBcc: x@y.z", 5, ["a@b.c"]]) {
      expect((await ask(bad)).status, JSON.stringify(bad)).toBe(422);
    }
    for (const bad of [undefined, "", 5, "x".repeat(500)]) expect((await verify(bad)).status).toBe(422);
    expect((await verify("no-such-token")).status).toBe(401);
  });

  it("[AUTH10] an address with a comma goes to nobody else", async () => {
    const before = mails.length;
    const failures = () => kept.messages().filter((line) => line.includes("could not be sent")).length;
    const failed = failures();
    await ask("victim,other@mail.example");
    await until(() => mails.length > before || failures() > failed, "the mail came, or was refused");
    const reached = mails.slice(before).flatMap(({ to }) => to);
    expect(reached).not.toContain("other@mail.example");
    expect(reached).not.toContain("victim");
  });

  it("[AUTH10] the link is good for 15 minutes and no longer", async () => {
    const { token } = await link(address());
    await inDatabase(server, async (sql) => {
      const [row] = await sql`
        select extract(epoch from max(expires_at) - now())::float8 as seconds from magic_links`;
      expect(row?.seconds).toBeGreaterThan(14 * 60);
      expect(row?.seconds).toBeLessThanOrEqual(15 * 60);
      await sql`update magic_links set expires_at = now() - interval '1 second'`;
    });
    expect((await verify(token)).status).toBe(401);
  });

  it("[AUTH10] it leads to the front end that asked, if it is listed, and never where a header says", async () => {
    expect((await link(address(), { origin: FRONT_END })).base).toBe(FRONT_END);
    const forged = {
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      referer: "https://evil.example/",
    };
    expect((await link(address(), { headers: forged })).base).toBe(PUBLIC);
    expect((await link(address(), { origin: "https://evil.example" })).base).toBe(PUBLIC);
  });

  it("[AUTH10] the first link of an address that nobody had proven ends password and other sessions", async () => {
    const email = address("victim");
    const attacker = await makeAccount(server, newName("early"), { email });
    // Opened in a browser into which the attacker planted the device cookie.
    const taken = await verify((await link(email)).token, { cookie: attacker.cookie });
    expect(taken.json.user.id).toBe(attacker.id);
    for (const { token, cookie } of [
      { token: attacker.token, cookie: null },
      { token: undefined, cookie: attacker.cookie },
    ]) {
      expect((await request(server, "GET", "/auth/me", { token, cookie })).status).toBe(401);
    }
    const origin = "http://localhost:3000";
    const lent = await request(server, "GET", "/auth/me", { token: attacker.token, origin });
    expect([lent.status, lent.cookie]).toEqual([401, null]);
    const body = { username: attacker.name, password: PASSWORD };
    expect((await request(server, "POST", "/auth/login", { body })).status).toBe(401);
    const session = { token: taken.json.access_token };
    expect((await request(server, "GET", "/auth/me", session)).status).toBe(200);
    // From now on the address is proven: a password that its owner sets survives the next link.
    const put = { body: { new_password: "the owner's" }, ...session };
    expect((await request(server, "PUT", `/users/${attacker.id}/password`, put)).status).toBe(200);
    await verify((await link(email)).token);
    const own = { username: attacker.name, password: "the owner's" };
    expect((await request(server, "POST", "/auth/login", { body: own })).status).toBe(200);
    expect((await request(server, "GET", "/auth/me", session)).status).toBe(200);
  });

  it("[AUTH10] an address that others write into their profile does not lead to their account", async () => {
    const email = address("owner");
    const owner = (await verify((await link(email)).token)).json.user;
    const thief = await makeAccount(server, newName());
    await thief.request("PUT", `/users/${thief.id}/profile`, { body: { email } });
    const guest = await makeGuest(server, newName());
    await guest.request("PUT", `/users/${guest.id}/profile`, { body: { email } });
    expect((await verify((await link(email)).token)).json.user.id).toBe(owner.id);
  });

  it("[AUTH4] a link renews a planted cookie, and keeps the browser's guests", async () => {
    const guest = await makeGuest(server, newName());
    const signed = await verify((await link(address())).token, { cookie: guest.cookie });
    const put = (cookie: string | null) =>
      request(server, "PUT", `/users/${guest.id}/profile`, { body: { bio: "b" }, cookie });
    expect((await put(guest.cookie)).status).toBe(403);
    expect((await put(signed.cookie)).status).toBe(200);
  });

  it("[OPS13] a mail that cannot be sent is logged without its address, and no link ever is", async () => {
    await ask("refused-again@mail.example");
    await until(() => kept.messages().includes("a sign-in link could not be sent"), "the failure is logged");
    const { token } = await link(address("logged"));
    expect(kept.all()).not.toContain("mail.example");
    expect(kept.all()).not.toContain(token);
  });

  it("[AUTH10] without a mailer asking is 503 that says what to do", async () => {
    const plain = await startTestServer({}, { database });
    const answer = await request(plain, "POST", "/auth/magic-link/request", {
      body: { email: "a@b.example" },
    });
    expect([answer.status, answer.json.code]).toEqual([503, "no_mailer"]);
    expect(answer.json.detail).toContain("SMTP_URL");
    await plain.close();
  });
});
