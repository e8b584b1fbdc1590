import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, openSocket, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("messages", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it("[WS2] the own user_joined comes first, then the own message with its id of the history", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice");
    const socket = await openSocket(server, room, alice.id, { cookie: alice.cookie });
    await socket.next("user_joined");
    socket.send({ content: "hello" });
    const message = await socket.next("message");
    expect(socket.frames.map((frame) => frame.type)).toEqual(["user_joined", "message"]);
    expect(message).toMatchObject({
      content: "hello",
      username: "alice",
      user_id: alice.id,
      room_id: room,
      seq: 1,
    });
    const history = await request(server, "GET", `/rooms/${room}/messages`);
    expect(history.json).toHaveLength(1);
    expect(history.json[0].id).toBe(message.id);
    await socket.close();
  });

  it("[MSG4] the same client_id is stored once, over both transports", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const body = { user_id: user, username: "bob", content: "once", client_id: "c1" };
    const first = await request(server, "POST", `/rooms/${room}/messages`, { body });
    const again = await request(server, "POST", `/rooms/${room}/messages`, {
      body: { ...body, content: "other" },
    });
    expect(first.status).toBe(200);
    expect(again.json).toMatchObject({ id: first.json.id, content: "once", seq: 1 });
    const socket = await openSocket(server, room, user);
    socket.send({ type: "message", content: "once", client_id: "c1" });
    expect(await socket.next("message")).toMatchObject({ id: first.json.id, repeat: true });
    const history = await request(server, "GET", `/rooms/${room}/messages`);
    expect(history.json).toHaveLength(1);
    await socket.close();
  });
});
