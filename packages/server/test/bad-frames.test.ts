import { errorEntry, isErrorCode } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BAD_IDS, BAD_QUERY, DEEP, expectKnown, expectWorking, inTurns, NASTY } from "./support/bad.js";
import { makeGuest, makeRoom, newId, openSocket } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { rawRequest } from "./support/raw.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("bad handshakes and frames", () => {
  let server: TestServer;
  let room: string;
  beforeAll(async () => {
    server = await startTestServer();
    room = await makeRoom(server);
  });
  afterAll(async () => {
    await server.close();
  });

  it("[WS9] handshakes with bad addresses are refused with the catalogue, or let in", async () => {
    const user = newId();
    const paths = [
      ...BAD_IDS.flatMap((id) => [`/ws/${id}/${user}`, `/ws/${room}/${id}`, `/ws/dm/${id}`]),
      ...[
        "/ws",
        "/ws/",
        `/ws/${room}`,
        `/ws//${user}`,
        `/ws/${room}/${user}/more`,
        "/ws/../health",
        "/nothing",
        "*",
      ],
      ...["username", "avatar_url", "after", "epoch", "profiles_after"].flatMap((name) =>
        BAD_QUERY.map((text) => `/ws/${room}/${newId()}?${name}=${text.replaceAll("{name}", name)}`),
      ),
    ];
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    await inTurns(paths, async (path) => {
      const answer = await rawRequest(server, "GET", path, { headers });
      if (answer.status !== 101) expectKnown(path.slice(0, 100), answer);
    });
    const malformed = await rawRequest(server, "GET", `/ws/%00/${user}`, { headers });
    expect(expectKnown("NUL", malformed)).toBe(422);
  });

  it.each([
    ["a room", () => room],
    ["an inbox", () => "dm"],
  ])("[WS9] no frame to %s harms its socket", async (_, where) => {
    const person = await makeGuest(server, "sender");
    const socket = await openSocket(server, where(), person.id, { cookie: person.cookie });
    const types = [
      "message",
      "typing_start",
      "typing_stop",
      "profile_updated",
      "webrtc-signal",
      "broadcast-started",
      "broadcast-stopped",
      "dm_message",
      "dm_typing",
      "dm_read",
      "keep_alive",
      "ping",
      "__proto__",
      "constructor",
      "",
    ];
    const fields = [
      "content",
      "client_id",
      "reply_to",
      "mentions",
      "mentions_room",
      "avatar",
      "target_user_id",
      "signal",
      "receiver_id",
      "sender_id",
      "is_typing",
      "type",
    ];
    const bad = [
      7,
      true,
      null,
      [],
      ["x"],
      {},
      { a: NASTY },
      NASTY,
      "x".repeat(101_000),
      "../../etc",
      1e308,
      -1,
    ];
    let sent = 0;
    const sendPong = async () => {
      socket.send({ type: "ping" });
      await socket.next("pong");
    };
    for (const type of types) {
      for (const name of fields) {
        for (const value of bad) {
          socket.send({
            type,
            content: "x",
            target_user_id: "nobody",
            receiver_id: "nobody",
            signal: {},
            [name]: value,
          });
          sent += 1;
        }
      }
      socket.send(`{"type":"${type}","__proto__":{"polluted":1},"content":{"constructor":{"polluted":1}}}`);
      socket.send(`{"type":"${type}","content":${DEEP},"signal":{"deep":${DEEP}}}`);
      socket.ws.send(Buffer.from(JSON.stringify({ type, content: "binary" })));
      await sendPong();
    }
    expect(sent).toBe(types.length * fields.length * bad.length);
    const errors = socket.frames.filter((frame) => frame.type === "error");
    expect(errors.length).toBeGreaterThan(types.length * 3);
    expect(errors.filter(({ code }) => !isErrorCode(code) || errorEntry(code).status >= 500)).toEqual([]);
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
    await socket.close();
    await expectWorking(server);
  });
});
