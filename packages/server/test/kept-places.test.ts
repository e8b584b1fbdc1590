import { afterAll, beforeAll, expect, it } from "vitest";
import {
  HandshakeRefused,
  makeAccount,
  makeGuest,
  makeRoom,
  newName,
  openSocket,
  PASSWORD,
  request,
  type Socket,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { openResumed, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { type SpoiledDatabase, spoilDatabase } from "./support/spoiled-database.js";

describeWithDatabase("places that are kept", () => {
  let database: TestDatabase;
  let proxy: SpoiledDatabase;
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await spoilDatabase(database.url);
    server = await startTestServer({}, { database: { ...database, url: proxy.url } });
  });
  afterAll(async () => {
    await server.close();
    await proxy.close();
    await database.drop();
  });

  type Way = { readonly cookie?: string | null | undefined; readonly username?: string };

  /** Comes into a room with a cursor, as the SDK does; answers the socket and how it would come back. */
  async function comeIn(room: string, user: string, { cookie, username }: Way = {}) {
    const named = username === undefined ? {} : { username };
    const first = await openResumed(server, room, { user, cookie, query: { ...named } });
    const welcome = await first.next("welcome");
    const back = (way: Way & { after?: number } = {}) =>
      openSocket(server, room, user, {
        cookie: way.cookie === undefined ? cookie : way.cookie,
        query: {
          after: way.after ?? welcome.head_seq,
          epoch: welcome.epoch,
          profiles_after: welcome.profiles_rev,
          profiles: "changed",
          ...(way.username === undefined ? named : { username: way.username }),
        },
      });
    return { socket: first, back };
  }

  /** Breaks a socket as a network does, and waits until the server knows. */
  async function lose(socket: Socket, user: string, witness: Socket): Promise<void> {
    socket.ws.terminate();
    await witness.next("user_left", ({ user_id }) => user_id === user);
  }

  /** While the database is away, only a kept place lets somebody in. */
  async function withoutDatabase<T>(act: () => Promise<T>): Promise<T> {
    await proxy.become("closed");
    return await act().finally(async () => {
      await proxy.become("open");
      await expect
        .poll(async () => (await request(server, "GET", "/health")).status, { timeout: 20_000 })
        .toBe(200);
    });
  }
  const refusalOf = (opening: Promise<Socket>) =>
    opening.then(
      async (socket) => {
        const ended = socket.closed.then(({ code }) => code);
        const came = socket.next("welcome").then(
          () => "in",
          () => "nothing",
        );
        const outcome = await Promise.race([ended, came]);
        socket.ws.terminate();
        return outcome;
      },
      (error: unknown) => (error instanceof HandshakeRefused ? error.status : String(error)),
    );

  async function scene(makeUser: () => Promise<{ id: string; cookie: string | null }>) {
    const room = await makeRoom(server);
    const witness = await openResumed(server, room);
    const user = await makeUser();
    const way = user.cookie === null ? {} : { cookie: user.cookie };
    const { socket, back } = await comeIn(room, user.id, way);
    return { room, witness, user, socket, back };
  }
  const openGuest = async () => {
    const guest = await makeGuest(server, newName());
    return { id: guest.id, cookie: null };
  };

  it("[WS19] who was away for a moment is let in, and gets what was missed, without the database", async () => {
    const { room, witness, user, socket, back } = await scene(openGuest);
    await lose(socket, user.id, witness);
    const missed = await post(server, room, user.id, "said meanwhile");
    await withoutDatabase(async () => {
      const again = await back();
      expect(await again.next("welcome")).toMatchObject({ head_seq: 1, reset: false, profiles: [] });
      expect((await again.next("message")).id).toBe(missed.id);
      expect(await again.next("synced")).toMatchObject({ head_seq: 1, count: 1 });
      await witness.next("user_joined", ({ user_id }) => user_id === user.id);
      again.ws.terminate();
    });
    const live = await back({ after: 1 });
    await live.next("synced");
    await post(server, room, user.id, "live");
    expect((await live.next("message")).content).toBe("live");
    await Promise.all([live.close(), witness.close()]);
  });

  it("[WS19] a session lets in again whoever brings it, and nobody else", async () => {
    const { witness, user, socket, back } = await scene(async () => {
      const guest = await makeGuest(server, newName());
      // The first time that a session is presented changes who may come; the door decides about whoever comes meanwhile.
      await request(server, "GET", "/rooms", { cookie: guest.cookie });
      return guest;
    });
    await lose(socket, user.id, witness);
    await withoutDatabase(async () => {
      expect(await refusalOf(back({ cookie: null }))).toBe(503);
      expect(await refusalOf(back({ username: "Somebody else" }))).toBe(503);
      expect(await refusalOf(back())).toBe("in");
    });
    expect(await refusalOf(back({ cookie: null }))).toBe(4403);
    await witness.close();
  });

  it("[WS19] [ROOM10] [ROOM9] who is put out of a room, and its deletion, take the places away", async () => {
    const host = await makeGuest(server, newName("host"));
    const made = await host.request("POST", "/rooms", { body: { name: "Hosted", created_by: host.id } });
    const room = made.json.id;
    const witness = await openResumed(server, room);
    const [ann, ben] = [await openGuest(), await openGuest()];
    const [annCame, benCame] = [await comeIn(room, ann.id), await comeIn(room, ben.id)];
    await lose(annCame.socket, ann.id, witness);
    expect((await host.request("DELETE", `/rooms/${room}/members/${ann.id}`)).status).toBe(200);
    expect(await refusalOf(annCame.back())).toBe(4403);
    await lose(benCame.socket, ben.id, witness);
    expect((await host.request("DELETE", `/rooms/${room}`)).status).toBe(200);
    expect(await refusalOf(benCame.back())).toBe(4004);
  });

  it("[WS19] a session that ended takes the place away", async () => {
    const { witness, user, socket, back } = await scene(() => makeAccount(server, newName()));
    await lose(socket, user.id, witness);
    expect((await request(server, "POST", "/auth/logout", { cookie: user.cookie })).status).toBeLessThan(300);
    expect(await refusalOf(back())).not.toBe("in");
    await witness.close();
  });

  it("[WS19] a guest that is held takes the places of those without its session away", async () => {
    const room = await makeRoom(server);
    const witness = await openResumed(server, room);
    const guest = await makeGuest(server, newName());
    const { socket, back } = await comeIn(room, guest.id);
    await lose(socket, guest.id, witness);
    expect((await request(server, "GET", "/rooms", { cookie: guest.cookie })).status).toBe(200);
    expect(await refusalOf(back())).toBe(4403);
    await witness.close();
  });

  it("[WS19] [ROOM4] a grant that was dropped takes the places of all who came by its device", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "open sesame" });
    const { cookie } = await makeAccount(server, newName());
    const guest = (await request(server, "POST", "/users", { body: { username: newName() }, cookie })).json;
    const body = { password: "open sesame" };
    await request(server, "POST", `/rooms/${room}/verify-password`, { body, cookie });
    const { socket, back } = await comeIn(room, guest.id, { cookie });
    socket.ws.terminate();
    const roomNow = async () => (await request(server, "GET", `/rooms/${room}`, { cookie })).json;
    await expect.poll(async () => (await roomNow()).onlineCount).toBe(0);
    await request(server, "POST", "/auth/logout", { cookie });
    expect(await refusalOf(back())).toBe(4003);
  });

  it("[WS19] [ROOM4] a guest whom the account of its device had let in loses its place with the account's session", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "open sesame" });
    const account = await makeAccount(server, newName());
    const { cookie } = account;
    const guest = (await request(server, "POST", "/users", { body: { username: newName() }, cookie })).json;
    const signIn = { username: account.name, password: PASSWORD };
    const elsewhere = (await request(server, "POST", "/auth/login", { body: signIn })).cookie;
    const opened = { body: { password: "open sesame" }, cookie: elsewhere };
    expect((await request(server, "POST", `/rooms/${room}/verify-password`, opened)).status).toBe(200);
    // So that no session is presented for the first time by the handshake.
    await request(server, "GET", "/rooms", { cookie });
    const { socket, back } = await comeIn(room, guest.id, { cookie });
    await socket.close();
    const body = { new_password: "another horse", current_password: PASSWORD };
    const path = `/users/${account.id}/password`;
    expect((await request(server, "PUT", path, { body, cookie: elsewhere })).status).toBe(200);
    expect(await refusalOf(back())).toBe(4003);
  });

  it("[WS19] [AUTH4] a cookie that a new password made worthless lets nobody in again", async () => {
    const { witness, user, socket, back } = await scene(() => makeAccount(server, newName()));
    const still = await back();
    await still.next("synced");
    await socket.close();
    const body = { new_password: "another horse", current_password: PASSWORD };
    const changed = await request(server, "PUT", `/users/${user.id}/password`, { body, cookie: user.cookie });
    expect(changed.status).toBe(200);
    expect(await refusalOf(back())).not.toBe("in");
    // A session that is only renewed keeps its socket; but that leaves no place by the old cookie.
    still.ws.terminate();
    await witness.next("user_left", ({ user_id }) => user_id === user.id);
    expect(await refusalOf(back())).not.toBe("in");
    await withoutDatabase(async () => expect(await refusalOf(back())).toBe(503));
    await witness.close();
  });

  it("[WS19] while the server takes a broken socket for alive, its place is free all the same", async () => {
    const { witness, socket, back } = await scene(openGuest);
    await withoutDatabase(async () => expect(await refusalOf(back())).toBe("in"));
    await Promise.all([socket.close(), witness.close()]);
  });

  it("[WS19] who left the room meanwhile is no member by a place of before", async () => {
    const { room, witness, user, socket, back } = await scene(openGuest);
    await lose(socket, user.id, witness);
    await request(server, "POST", `/rooms/${room}/leave`, { body: { user_id: user.id } });
    await withoutDatabase(async () => expect(await refusalOf(back())).toBe(503));
    await witness.close();
  });

  it("[WS19] [USER12] a profile that changed meanwhile is told", async () => {
    const { room, witness, user, socket, back } = await scene(openGuest);
    const other = await makeGuest(server, newName());
    const there = await openResumed(server, room, { user: other.id });
    const again = await back();
    await again.next("synced");
    socket.ws.terminate();
    again.ws.terminate();
    await witness.next("user_left", ({ user_id }) => user_id === user.id);
    await request(server, "PUT", `/users/${other.id}/profile`, { body: { bio: "new" } });
    await there.next("profile_updated");
    const returned = await back();
    const { profiles } = await returned.next("welcome");
    expect(profiles.map((profile) => profile.user_id)).toEqual([other.id]);
    await Promise.all([returned.close(), there.close(), witness.close()]);
  });

  it("[WS19] who chose another name meanwhile comes back under it", async () => {
    const { witness, user, socket, back } = await scene(openGuest);
    await lose(socket, user.id, witness);
    const name = newName("renamed");
    await request(server, "PUT", `/users/${user.id}/profile`, { body: { display_name: name } });
    const renamed = await back();
    await witness.next("user_joined", ({ username }) => username === name);
    renamed.send({ type: "typing_start" });
    expect((await witness.next("typing_start")).username).toBe(name);
    await Promise.all([renamed.close(), witness.close()]);
  });
});
