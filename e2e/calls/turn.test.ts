import { createHmac } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { lookAtRelays } from "../../packages/server/src/doctor/relay.js";
import { askRelay, type RelayCredentials } from "../../packages/server/src/doctor/stun.js";
import { createRoom, describeWithBrowser, say, seeMessage } from "../support/browser.js";
import { type Caller, launchCallBrowser, openCaller, seeFrames, seenBy } from "../support/call-page.js";
import { openTalker } from "../support/call-screens.js";
import { makeRoom, type Parlor, startParlor } from "../support/parlor.js";

import { hasTurn, startTurn, type TurnServer } from "../support/turn.js";

const skipped = hasTurn ? "" : " (skipped: no coturn)";

/** The relay of the tests. */
const relayOn = (port: number) => ({ host: "127.0.0.1", port, transport: "tcp" as const });

/** Credentials as the server makes them, or as somebody would who wants in. */
function credentialsFor(secret: string, userId: string, seconds: number): RelayCredentials {
  const username = `${Math.floor(Date.now() / 1000) + seconds}:${userId}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

describe.skipIf(!hasTurn)(`the relay as documented${skipped}`, () => {
  let turn: TurnServer | null = null;
  let parlor: Parlor | null = null;
  afterEach(async () => {
    await turn?.close();
    await parlor?.close();
    turn = parlor = null;
  });

  it("[CALL19] takes what Parlor gives to a member, and nobody who is late, foreign or malformed", async () => {
    turn = await startTurn();
    const { port, secret } = turn;
    parlor = await startParlor({ TURN_URL: `turn:127.0.0.1:${port}`, TURN_SECRET: secret });
    const roomId = await makeRoom(parlor);
    const made = await fetch(`${parlor.url}/users`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "Ann", want_token: true }),
    });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    await fetch(`${parlor.url}/rooms/${roomId}/join`, {
      method: "POST",
      headers,
      body: JSON.stringify({ user_id: id }),
    });
    const told = await fetch(`${parlor.url}/rooms/${roomId}/ice-servers`, { headers });
    const { ice_servers } = (await told.json()) as { ice_servers: (RelayCredentials & { urls: string[] })[] };
    const given = ice_servers[0] ?? { username: "", credential: "" };
    expect((await askRelay(relayOn(port), given)).allocation).toBe(200);

    const later = `${Number(given.username.split(":")[0]) + 86_400}:${id}`;
    const refused: Record<string, RelayCredentials> = {
      expired: credentialsFor(secret, id, -1),
      "with a life that was lengthened": { ...given, username: later },
      "of somebody else's secret": credentialsFor("another secret of somebody", id, 3_600),
      "without a time": {
        username: id,
        credential: createHmac("sha1", secret).update(id).digest("base64"),
      },
      "with another person's name": { ...given, username: given.username.replace(id, "somebody-else") },
      "with an empty credential": { ...given, credential: "" },
      empty: { username: "", credential: "" },
    };
    for (const [what, credentials] of Object.entries(refused)) {
      const { allocation } = await askRelay(relayOn(port), credentials);
      expect([what, [400, 401, 403, 441].includes(allocation)]).toEqual([what, true]);
    }
  });

  it("[CALL19] leads to the internet, and into no network of its own", async () => {
    turn = await startTurn();
    const own = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254"];
    const odd = [
      "0.0.0.0",
      "100.64.0.1",
      "192.0.0.1",
      "198.18.0.1",
      "203.0.113.5",
      "224.0.0.1",
      "255.255.255.255",
    ];
    const free = ["1.1.1.1", "9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.255.255"];
    const credentials = credentialsFor(turn.secret, "ann", 3_600);
    const { permissions } = await askRelay(relayOn(turn.port), credentials, [...own, ...odd, ...free]);
    const told = [...own, ...odd, ...free].map((peer, index) => [peer, permissions[index]]);
    expect(told).toEqual([
      ...[...own, ...odd].map((peer) => [peer, 403]),
      ...free.map((peer) => [peer, 200]),
    ]);
  });
});

describe.skipIf(!hasTurn)(`npm run doctor and the relay${skipped}`, () => {
  it("[OPS22] tells a relay that is well from one with another secret, and from one that leads into private networks", async () => {
    const [documented, open] = [await startTurn(), await startTurn({ letsLoopbackIn: true })];
    const look = (port: number, secret: string) =>
      lookAtRelays({
        stunUrls: [`stun:127.0.0.1:${port}`],
        turnUrls: ["udp", "tcp"].map((transport) => `turn:127.0.0.1:${port}?transport=${transport}`),
        secret,
      });
    const states = async (port: number, secret: string) =>
      (await look(port, secret)).map(({ state }) => state);
    expect(await states(documented.port, documented.secret)).toEqual(["well", "well", "well"]);
    expect(await states(documented.port, "another secret of somebody")).toEqual(["well", "ill", "ill"]);
    expect(await states(open.port, open.secret)).toEqual(["well", "doubtful", "doubtful"]);
    for (const turn of [documented, open]) await turn.close();
  });
});

describeWithBrowser("calls over a relay alone", () => {
  let parlor: Parlor | null = null;
  let browser: Browser | null = null;
  let turn: TurnServer | null = null;
  const open: Caller[] = [];
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
    await turn?.close();
  });

  /** Two people who see each other, over the relay and nothing else. */
  async function talk(transport: string): Promise<{ ann: Caller; ben: Caller; relay: TurnServer }> {
    const relay = turn ?? (await startTurn({ letsLoopbackIn: true }));
    turn = relay;
    await parlor?.close();
    const url = `turn:127.0.0.1:${relay.port}?transport=${transport}`;
    parlor = await startParlor({ TURN_URL: url, TURN_SECRET: relay.secret });
    browser ??= await launchCallBrowser();
    const roomId = await makeRoom(parlor);
    const ann = await openCaller(browser, parlor, roomId, "Ann");
    const ben = await openCaller(browser, parlor, roomId, "Ben");
    open.push(ann, ben);
    await ann.join({ relayOnly: true });
    await ben.join({ relayOnly: true });
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    return { ann, ben, relay };
  }

  it.skipIf(!hasTurn).each(["udp", "tcp"])(
    "[CALL19] pictures go both ways, the relay reached over %s",
    async (transport) => {
      const { ann, ben } = await talk(transport);
      await ann.until("the way is told", ({ people }) => people[0]?.relayed === true);
      expect((await seenBy(ann, ben)).status).toBe("connected");
    },
  );

  it.skipIf(!hasTurn)(
    "[CALL13] a network that is lost and comes back brings the pictures back, with the same people",
    async () => {
      const { ann, ben, relay } = await talk("tcp");
      const before = [await seenBy(ann, ben), await seenBy(ben, ann)];
      await relay.close();
      for (const caller of [ann, ben])
        await caller.until("the way is lost", ({ people }) => people[0]?.status !== "connected");
      turn = await startTurn({ letsLoopbackIn: true, on: relay.port });
      for (const caller of [ann, ben])
        await caller.until("another way is found", ({ people }) => people[0]?.status === "connected");
      await seeFrames(ann, ben);
      await seeFrames(ben, ann);
      const after = [await seenBy(ann, ben), await seenBy(ben, ann)];
      expect(after.map(({ legId }) => legId)).toEqual(before.map(({ legId }) => legId));
      expect((await ann.look()).people).toHaveLength(1);
    },
  );

  it.skipIf(!hasTurn)(
    "[UX48] the visitor's check names each way to the relay, and a relay that refuses the server's passes",
    async () => {
      const relay = turn ?? (await startTurn({ letsLoopbackIn: true }));
      turn = relay;
      browser ??= await launchCallBrowser();
      const at = `127.0.0.1:${relay.port}`;
      const look = async (urls: string, secret: string): Promise<string> => {
        await parlor?.close();
        parlor = await startParlor({ TURN_URL: urls, TURN_SECRET: secret });
        const { page, context } = await openTalker(browser as Browser, parlor.url, "Ann");
        const link = await createRoom(page, "Salon");
        // Only a member is told of the relay.
        await say(page, "Here I am");
        await seeMessage(page, "Here I am");
        await page.goto(`${parlor.url}/check?room=${link.split("/r/")[1] ?? ""}`);
        await page.getByRole("button", { name: "Begin" }).click();
        await page.getByRole("button", { name: "Copy the result" }).waitFor({ timeout: 60_000 });
        const said = await page.getByRole("list", { name: "Check for calls" }).innerText();
        await context.close();
        return said.replaceAll(/\s+/g, " ");
      };
      const all = `turn:${at}?transport=udp,turn:${at}?transport=tcp,turns:127.0.0.1:9?transport=tcp`;
      const told = await look(all, relay.secret);
      expect(told).toMatch(/Relay over UDP Works, [\d,]+ ms Relay over TCP Works, [\d,]+ ms/);
      expect(told).toContain("Relay over TLS This way is blocked in your network.");
      const foreign = await look(`turn:${at}?transport=tcp`, "a secret that the relay does not have");
      expect(foreign).toContain("Relay over TCP The relay refuses the passes of this server.");
    },
  );
});
