import { type Endpoint, type EndpointName, endpoints } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod/mini";
import {
  makeGuest,
  newId,
  newName,
  type Person,
  personOf,
  type RequestOptions,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { beginUpload, uploadFile } from "./support/uploads.js";

/**
 * Who asks. All but `open` and `anonymous` present their session; a route's message and user are the member's.
 * - host: made the room. member: is in it. outsider: is not.
 * - open: a guest in the room whose session was never presented.
 * - stranger: acts for the member, with a session of somebody else.
 * - anonymous: says nothing of itself. banned: was put out of the room.
 */
const ROLES = ["host", "member", "outsider", "open", "stranger", "anonymous", "banned"] as const;
type Role = (typeof ROLES)[number];
const BYTES = new TextEncoder().encode("text");

/** The status for each role, in the order above. A route without a row does not compile. */
const TABLE: Record<EndpointName, string> = {
  root: "200 200 200 200 200 200 200",
  health: "200 200 200 200 200 200 200",
  debug: "200 200 200 200 200 200 200",

  createUser: "200 200 200 200 200 200 200",
  listUsers: "200 200 200 200 200 200 200",
  getUser: "200 200 200 200 200 200 200",
  updateProfile: "403 200 403 403 403 403 403",
  setPassword: "403 200 403 403 403 403 403",
  uploadAvatar: "403 422 403 403 403 403 403",
  deleteAvatar: "403 200 403 403 403 403 403",
  avatarHealth: "200 200 200 200 200 200 200",

  signup: "200 200 200 200 200 200 200",
  login: "401 401 401 401 401 401 401",
  me: "401 401 401 401 401 401 401",
  logout: "200 200 200 200 200 200 200",
  requestMagicLink: "503 503 503 503 503 503 503",
  verifyMagicLink: "401 401 401 401 401 401 401",

  createRoom: "200 200 200 200 200 200 200",
  listRooms: "200 200 200 200 200 200 200",
  getRoom: "200 200 200 200 200 200 200",
  deleteRoom: "200 403 403 403 403 401 403",
  removeMember: "200 403 403 403 403 401 403",
  listBanned: "200 403 403 403 403 401 403",
  unbanMember: "200 403 403 403 403 401 403",
  updateRoom: "200 403 403 403 403 401 403",
  joinRoom: "200 200 200 200 403 422 403",
  verifyRoomPassword: "200 200 200 200 200 200 200",
  listProfiles: "200 200 200 200 200 200 403",
  exportRoom: "200 200 403 200 403 401 403",

  listMessages: "200 200 200 200 200 200 403",
  postMessage: "200 200 200 200 403 422 403",
  editMessage: "403 200 403 403 403 401 403",
  listEdits: "200 200 403 403 403 401 403",
  deleteMessage: "200 200 403 403 403 401 403",
  addReaction: "200 200 200 200 403 401 403",
  removeReaction: "200 200 200 200 403 401 403",
  pinMessage: "200 403 403 403 403 401 403",
  unpinMessage: "200 403 403 403 403 401 403",
  listPins: "200 200 200 200 200 200 403",
  listMentions: "403 200 403 403 403 403 403",
  search: "200 200 200 401 200 401 200",

  getLimits: "200 200 200 200 200 200 200",
  createUpload: "200 200 200 200 403 401 403",
  appendUpload: "403 200 403 403 403 403 403",
  getUpload: "403 200 403 403 403 403 403",
  cancelUpload: "403 200 403 403 403 403 403",
  createFileKey: "200 200 200 200 200 200 403",
  getFile: "404 200 404 404 404 404 404",

  listUserRooms: "403 200 403 403 403 403 403",
  findPeople: "403 200 403 403 403 403 403",
  openDirect: "403 404 403 403 403 403 403",
  markRead: "200 200 403 200 403 401 403",
  setNotifications: "200 200 403 200 403 401 403",
  leaveRoom: "200 200 403 200 403 401 403",
  listReceipts: "200 200 403 200 403 401 403",

  getIceServers: "200 200 403 200 403 401 403",
  declineCall: "200 200 403 200 403 401 403",

  listLiveStreams: "200 200 200 200 200 200 200",
  createLiveStream: "503 503 503 503 503 503 503",
  listVideos: "200 200 200 200 200 200 200",
  createVideoUpload: "503 503 503 503 503 503 503",

  assistantChat: "503 503 503 503 503 503 503",
  assistantStreamChat: "503 503 503 503 503 503 503",
  assistantStreamGenerate: "503 503 503 503 503 503 503",
  assistantHealth: "200 200 200 200 200 200 200",
};

describeWithDatabase("who may do what", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  interface World {
    readonly room: string;
    readonly member: Person;
    /** Whose session is presented, and for whom the request acts. */
    readonly callers: Record<Role, { person: Person | null; userId: string | null }>;
  }

  async function makeWorld(): Promise<World> {
    const [host, member, outsider, banned] = await Promise.all(
      ["host", "member", "outsider", "banned"].map((name) => makeGuest(server, newName(name))),
    );
    if (!host || !member || !outsider || !banned) throw new Error("nobody came");
    const guest = await request(server, "POST", "/users", { body: { username: newName("open") } });
    const open = personOf(server, guest.json.id, "open", null);
    const made = await host.request("POST", "/rooms", { body: { name: "Room", created_by: host.id } });
    const room = made.json.id;
    for (const person of [host, member, open, banned])
      await person.request("POST", `/rooms/${room}/join`, { body: { user_id: person.id } });
    for (const person of [member, outsider, banned]) await person.request("GET", "/users?limit=1");
    await inDatabase(
      server,
      (sql) =>
        sql`update room_members set banned_at = now() where room_id = ${room} and user_id = ${banned.id}`,
    );
    const as = (person: Person) => ({ person, userId: person.id });
    return {
      room,
      member,
      callers: {
        host: as(host),
        member: as(member),
        outsider: as(outsider),
        open: as(open),
        stranger: { person: outsider, userId: member.id },
        anonymous: { person: null, userId: null },
        banned: as(banned),
      },
    };
  }

  const given: Record<string, () => unknown> = {
    username: () => newName(),
    name: () => "Some room",
    content: () => "text",
    password: () => "long enough",
    new_password: () => "long enough",
    email: () => `${newId()}@example.test`,
    token: () => "some-token",
    message: () => "hi",
    messages: () => [],
    q: () => "text",
    size: () => 4,
    seq: () => 1,
    level: () => "all",
    with: () => newId(),
  };

  const fieldsOf = (schema: z.ZodMiniType) => {
    const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    return { all: Object.keys(json.properties ?? {}), required: json.required ?? [] };
  };

  /** The fields of a schema that a request needs, and `user_id` where it takes one. */
  function fill(schema: z.ZodMiniType, userId: string | null): Record<string, unknown> {
    const { all, required } = fieldsOf(schema);
    const fields = Object.fromEntries(
      required.filter((name) => name !== "user_id").map((name) => [name, given[name]?.()]),
    );
    return all.includes("user_id") && userId !== null ? { ...fields, user_id: userId } : fields;
  }

  function sentWith(endpoint: Endpoint, userId: string | null): RequestOptions {
    if (endpoint.bytes === "request") {
      const headers = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
      return { body: BYTES, headers };
    }
    if (endpoint.multipart) return { body: new FormData() };
    return endpoint.body ? { body: fill(endpoint.body, userId) } : {};
  }

  /** An upload of the member that is under way, or its finished file that no message has. */
  async function fileOf(name: EndpointName, { room, member }: World): Promise<Record<string, string>> {
    const { path } = endpoints[name];
    const file = { name: "file.txt", bytes: BYTES };
    if (path.includes("{upload_id}")) return { upload_id: (await beginUpload(member, room, file)).json.id };
    return path.includes("{file_id}")
      ? { file_id: (await uploadFile(member, room, file)).id, name: "file.txt" }
      : {};
  }

  async function ask(name: EndpointName, world: World, role: Role, messageId?: string): Promise<number> {
    const endpoint = endpoints[name] as unknown as Endpoint;
    const { person, userId } = world.callers[role];
    const id = messageId ?? (await post(server, world.room, world.member, "text")).id;
    const params: Record<string, string> = {
      room_id: world.room,
      user_id: world.member.id,
      message_id: id,
      emoji: "ok",
      ...(await fileOf(name, world)),
    };
    const path = endpoint.path.replace(/\{(\w+)\}/g, (_, field: string) => params[field] ?? field);
    const query = new URLSearchParams(fill(endpoint.query, userId) as Record<string, string>);
    const options = sentWith(endpoint, userId);
    const address = query.size > 0 ? `${path}?${query}` : path;
    const answer = person
      ? await person.request(endpoint.method, address, options)
      : await request(server, endpoint.method, address, options);
    return answer.status;
  }

  it.each(Object.keys(TABLE) as EndpointName[])("[AUTH12] %s", async (name) => {
    const shared = await makeWorld();
    const statuses = new Map<Role, number>();
    // The member last: what it does to itself must not decide about the others.
    for (const role of [...ROLES.filter((one) => one !== "member"), "member"] as const) {
      // Nor what the host does to the room, or to the member.
      const isFinal = name === "deleteRoom" || name === "removeMember";
      const world = isFinal ? await makeWorld() : shared;
      statuses.set(role, await ask(name, world, role));
    }
    const expected = TABLE[name].split(" ").map((status, index) => [ROLES[index], Number(status)]);
    expect(ROLES.map((role) => [role, statuses.get(role)])).toEqual(expected);
  });

  it("[AUTH12] every route has a row", () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(endpoints).sort());
  });

  const guarded = (Object.keys(endpoints) as EndpointName[]).filter((name) => {
    const endpoint = endpoints[name] as unknown as Endpoint;
    return endpoint.path.includes("{room_id}") && endpoint.errors.includes("password_required");
  });

  it.each(guarded)("[ROOM4] %s of a password room needs the password", async (name) => {
    const world = await makeWorld();
    await inDatabase(
      server,
      (sql) => sql`update rooms set privacy = 'password', password_hash = 'x' where id = ${world.room}`,
    );
    for (const role of ["host", "member", "outsider", "open", "banned"] as const)
      expect([role, await ask(name, world, role, "of-before")]).toEqual([role, 403]);
  });
});
