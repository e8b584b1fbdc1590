import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRoom, newId, openSocket, request, type Socket } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { clientFrame, rawSocket, seeded, upgradeBytes } from "./support/raw.js";
import { post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** Milliseconds and tries of one fuzz; the same seed gives the same tries. */
const TIME = 8_000;
const TRIES = 1_500;
const AT_ONCE = 8;

describeWithDatabase("fuzz", () => {
  let server: TestServer;
  let room: string;
  let watcher: Socket;
  beforeAll(async () => {
    server = await startTestServer();
    room = await makeRoom(server);
    watcher = await openSocket(server, room, newId());
  });
  afterAll(async () => {
    await watcher.close();
    await server.close();
  });

  /** Runs tries with numbers of their own, a few at a time, until the time is over; answers how many. */
  async function fuzz(seed: number, attempt: (random: () => number) => Promise<void>): Promise<number> {
    const deadline = performance.now() + TIME;
    let tries = 0;
    const worker = async () => {
      while (tries < TRIES && performance.now() < deadline) {
        tries += 1;
        await attempt(seeded(seed * 100_003 + tries));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return tries;
  }

  /** The server answers, and the socket that was open all the time still gets messages. */
  async function expectWorking(mark: string): Promise<void> {
    const { status, json } = await request(server, "GET", "/health");
    expect([status, json.status]).toEqual([200, "healthy"]);
    const { id } = await post(server, room, newId(), mark);
    expect(await watcher.next("message", (message) => message.id === id)).toMatchObject({ content: mark });
  }

  const pick = <T>(random: () => number, list: readonly T[]): T => {
    const value = list[Math.floor(random() * list.length)];
    if (value === undefined) throw new Error("nothing to pick");
    return value;
  };
  const below = (random: () => number, limit: number) => Math.floor(random() * limit);

  function mutate(random: () => number, source: Buffer): Buffer {
    let bytes = Buffer.from(source);
    for (let n = below(random, 6) + 1; n > 0 && bytes.length > 0; n--) {
      const at = below(random, bytes.length);
      const kind = below(random, 6);
      if (kind === 0) bytes.writeUInt8(below(random, 256), at);
      else if (kind === 1)
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 8))]);
      else if (kind === 2) {
        const more = Buffer.from(Array.from({ length: below(random, 40) }, () => below(random, 256)));
        bytes = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
      } else if (kind === 3) bytes = Buffer.concat([bytes, bytes.subarray(at)]);
      else if (kind === 4) bytes = bytes.subarray(0, at);
      else {
        const word = pick(random, [
          "\r\n",
          "\r\n\r\n",
          "%00",
          "%",
          "\0",
          "/../",
          "?",
          "#",
          ":",
          "Content-Length: 9\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Upgrade: h2c\r\n",
          "Sec-WebSocket-Extensions: permessage-deflate; x\r\n",
          "Cookie: a=b\r\n".repeat(40),
        ]);
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(word, "latin1"), bytes.subarray(at)]);
      }
    }
    return bytes;
  }

  it("[WS9] broken handshakes harm nobody", async () => {
    const statuses = new Map<string, number>();
    const tries = await fuzz(1, async (random) => {
      const path = `/ws/${room}/${newId()}?username=fuzz&after=${below(random, 9)}`;
      const raw = await rawSocket(server);
      const bytes = mutate(random, upgradeBytes(server, path));
      const cut = below(random, bytes.length + 1);
      raw.socket.write(bytes.subarray(0, cut));
      raw.socket.write(bytes.subarray(cut));
      if (random() < 0.3) raw.socket.end();
      await raw.ended(40);
      raw.socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(raw.text())?.[1] ?? "none";
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    expect(tries).toBeGreaterThan(100);
    // Something of each kind came: accepted, refused, unanswered since it was cut short.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(["101", "400"]));
    expect([...statuses.keys()].filter((status) => status.startsWith("5"))).toEqual([]);
    await expectWorking("after broken handshakes");
  }, 40_000);

  it("[WS9] broken frames end at most their own socket", async () => {
    const texts = [
      '{"content":"fuzz"}',
      '{"type":"typing_start"}',
      '{"type":"webrtc-signal","target_user_id":"x","signal":{}}',
      '{"type":"message","content":"\\ud800","client_id":"c"}',
      '{"type":"profile_updated"}',
      '{"type":"broadcast-started"}',
      "[".repeat(5_000),
    ];
    let accepted = 0;
    const tries = await fuzz(2, async (random) => {
      const user = `fuzz-${below(random, 20)}`;
      const after = random() < 0.5 ? "?after=0" : "";
      const where = random() < 0.2 ? "dm" : room;
      const raw = await rawSocket(server);
      raw.socket.write(upgradeBytes(server, `/ws/${where}/${user}${after}`));
      for (let n = below(random, 6) + 1; n > 0; n--) {
        const payload = mutate(random, Buffer.from(pick(random, texts)));
        const head = random() < 0.6 ? 0x81 : below(random, 256);
        const claimed = random() < 0.8 ? payload.length : below(random, 2 ** 31);
        raw.socket.write(random() < 0.15 ? payload : clientFrame(head, payload, claimed));
      }
      // The handshake is in order: it is answered, however busy the machine is.
      await raw.answered();
      if (random() < 0.3) raw.socket.end();
      await raw.ended(40);
      raw.socket.destroy();
      if (raw.text().startsWith("HTTP/1.1 101")) accepted += 1;
    });
    expect(tries).toBeGreaterThan(100);
    expect(accepted).toBeGreaterThan(tries / 2);
    await expectWorking("after broken frames");
  }, 40_000);
});
