import { hash, verify } from "@node-rs/argon2";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { makeAccount, newName, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

// The real functions, which count their calls.
vi.mock("@node-rs/argon2", async (original) => {
  const real = await original<typeof import("@node-rs/argon2")>();
  return { ...real, hash: vi.fn(real.hash), verify: vi.fn(real.verify) };
});

describeWithDatabase("the work of a login", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => await server.close());

  /** What was hashed for a login, and at which cost. */
  async function workOf(username: string): Promise<{ hashed: number; checkedAgainst: string[] }> {
    for (const spy of [hash, verify]) vi.mocked(spy).mockClear();
    const refused = await request(server, "POST", "/auth/login", {
      body: { username, password: "wrong password" },
    });
    expect(refused.status).toBe(401);
    const checked = vi.mocked(verify).mock.calls.map(([stored]) => String(stored));
    // `$argon2id$v=19$m=19456,t=2,p=1$…`: all but salt and hash.
    const checkedAgainst = checked.map((stored) => stored.split("$").slice(1, 4).join(" "));
    return { hashed: vi.mocked(hash).mock.calls.length, checkedAgainst };
  }

  it("[AUTH9] a login with an unknown name hashes as often, and at the same cost, as one with a wrong password", async () => {
    const account = await makeAccount(server, newName("Login"));
    const known = await workOf(account.name);
    // The first login of a server makes what unknown names are checked against, whoever it is.
    expect(known).toEqual({ hashed: 1, checkedAgainst: ["argon2id v=19 m=19456,t=2,p=1"] });
    expect(await workOf(newName())).toEqual({ ...known, hashed: 0 });
    expect(await workOf(account.name)).toEqual({ ...known, hashed: 0 });
  });
});
