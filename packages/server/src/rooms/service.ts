import { randomUUID } from "node:crypto";
import {
  isDirectRoomId,
  isId,
  LIMITS,
  ParlorError,
  type Profile,
  RESERVED_ROOM_ID,
  type Room,
  type RoomCreate,
} from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Database } from "../db/database.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import type { Passwords } from "../sessions/password.js";
import type { SessionsService } from "../sessions/service.js";
import { accountOf, type Caller, hasPresented } from "../users/caller.js";
import type { ProfileChange, UsersService } from "../users/service.js";
import { chosenAvatar, toProfile, type UserRow } from "../users/user.js";
import type { RoomRow } from "./store.js";
import * as store from "./store.js";

/** Counts who is connected; the hub of sockets implements it. */
export interface Presence {
  onlineCount(roomId: string): number;
}

export type RoomsService = ReturnType<typeof createRooms>;

/** Rooms, members, and who may enter. */
export function createRooms(parts: {
  database: Database;
  bus: Bus;
  users: UsersService;
  sessions: SessionsService;
  passwords: Passwords;
  presence: Presence;
  log: Logger;
  autoCreate: boolean;
}) {
  const { database, bus, users, sessions, passwords, presence, log } = parts;
  const { sql } = database;

  function toRoom(room: store.ListedRoom): Room {
    return {
      id: room.id,
      name: room.name,
      created_at: room.created_at.toISOString(),
      users: room.users,
      thumbnail_url: room.thumbnail_url,
      category: room.category,
      description: room.description,
      tags: room.tags,
      privacy: room.privacy,
      max_members: room.max_members,
      created_by: room.created_by,
      host: room.host,
      memberCount: room.member_count,
      onlineCount: presence.onlineCount(room.id),
    };
  }

  async function requireRoom(roomId: string): Promise<RoomRow> {
    const room = roomId === RESERVED_ROOM_ID ? null : await store.findRoom(sql, roomId);
    if (!room) throw new ParlorError("room_not_found");
    return room;
  }

  /** The room of a join or a socket: with `AUTO_CREATE_ROOMS` an unknown one is made. */
  async function enterRoom(roomId: string): Promise<RoomRow> {
    if (!parts.autoCreate || roomId === RESERVED_ROOM_ID || !isId(roomId) || isDirectRoomId(roomId)) {
      return await requireRoom(roomId);
    }
    await store.insertRoom(sql, { ...emptyRoom(roomId, `Room ${roomId.slice(0, 100)}`) });
    return await requireRoom(roomId);
  }

  async function hasGrant(room: RoomRow, caller: Caller): Promise<boolean> {
    const devices = [caller.device?.id, caller.bearer?.deviceId].filter((id) => id !== undefined);
    const account = accountOf(caller);
    return await store.hasGrant(sql, room.id, devices, account === null ? [] : [account]);
  }

  /** Leaves a grant with the device session, which is started when there is none, and with the account. */
  async function grant(room: RoomRow, caller: Caller): Promise<void> {
    const deviceId = await sessions.ensureDevice(caller);
    await store.grantDevice(sql, room.id, deviceId);
    const account = accountOf(caller);
    if (account !== null) await store.grantUser(sql, room.id, account);
  }

  /** Throws unless the caller may read the room; a right `password` opens it. */
  async function requireAccess(room: RoomRow, caller: Caller, password?: string | null): Promise<void> {
    if (room.kind === "direct") {
      const people = await store.memberIds(sql, room.id);
      if (!people.some((id) => hasPresented(caller, id))) throw new ParlorError("forbidden");
      return;
    }
    if (room.privacy !== "password" || (await hasGrant(room, caller))) return;
    if (typeof password !== "string" || password === "") throw new ParlorError("password_required");
    if (!(await passwords.verify(room.password_hash, password))) throw new ParlorError("wrong_room_password");
    await grant(room, caller);
  }

  /** Nobody makes a room in the name of an account or a held guest that is not theirs. */
  async function checkMaker(caller: Caller, id: string | null | undefined): Promise<void> {
    if (!id || hasPresented(caller, id)) return;
    const user = await users.find(id);
    if (user && (user.account || user.held)) throw new ParlorError("not_your_identity");
  }

  users.onProfileChanged((change) => {
    announceProfile(change).catch((err: unknown) => log.error({ err }, "profile change was not announced"));
  });

  /** Tells one room of a user's profile. */
  function announceIn(
    roomId: string,
    change: { user: UserRow; previousName: string; type: "profile_updated" | "avatar_updated" },
  ): void {
    const { user, previousName, type } = change;
    const profile = toProfile(user);
    const frame = {
      type,
      room_id: roomId,
      ...profile,
      prevUsername: previousName,
      avatar: profile.avatar_url,
      bio: user.bio,
      timestamp: new Date().toISOString(),
    };
    bus.publish(roomId, roomFrame(frame));
  }

  async function announceProfile({ user, previousName, cause }: ProfileChange): Promise<void> {
    const type = cause === "avatar" ? "avatar_updated" : "profile_updated";
    for (const roomId of await store.roomIdsOf(sql, user.id))
      announceIn(roomId, { user, previousName, type });
  }

  return {
    requireRoom,
    requireAccess,
    announceIn,

    /** Makes a room; a password room is open to the device and account that made it. */
    async create(caller: Caller, input: RoomCreate): Promise<Room> {
      const { privacy, password, passwordHash } = await settlePrivacy(input, passwords);
      await checkMaker(caller, input.created_by);
      await checkMaker(caller, input.host?.id);
      checkThumbnail(input.thumbnail_url);
      const hostId = input.host?.id ?? null;
      const createdBy = input.created_by ?? hostId;
      const room = {
        ...emptyRoom(randomUUID(), input.name),
        thumbnail_url: input.thumbnail_url || null,
        category: input.category || null,
        description: input.description || null,
        tags: input.tags ?? [],
        privacy,
        max_members: input.max_members ?? null,
        password_hash: passwordHash,
        created_by: createdBy,
        host: hostId === null ? null : { ...input.host, id: hostId },
      };
      await store.insertRoom(sql, room);
      const made = await requireRoom(room.id);
      if (password !== null) await grant(made, caller);
      return toRoom({ ...made, users: [] });
    },

    /** The newest rooms that the caller may see. */
    async list(
      caller: Caller,
      options: { category?: string | undefined; limit: number; before?: string | undefined },
    ): Promise<Room[]> {
      const viewerIds = [...(caller.device?.userIds ?? []), ...(caller.bearer ? [caller.bearer.userId] : [])];
      const rows = await store.listRooms(sql, { ...options, members: LIMITS.listedMembers, viewerIds });
      return rows.map(toRoom);
    },

    async get(roomId: string): Promise<Room> {
      const room = await store.findListed(sql, roomId, LIMITS.listedMembers);
      if (room?.kind !== "room") throw new ParlorError("room_not_found");
      return toRoom(room);
    },

    /**
     * Lets a user in: checks the room, its password and who acts, registers an unknown user, makes it a member. Serves
     * the join, a message over REST and the WebSocket alike.
     */
    async enter(
      caller: Caller,
      roomId: string,
      who: { userId: string; username?: string | null; avatarUrl?: string | null; password?: string | null },
    ): Promise<{ room: RoomRow; user: UserRow; registered: boolean }> {
      const room = await enterRoom(roomId);
      await requireAccess(room, caller, who.password);
      if (room.kind === "direct" && !hasPresented(caller, who.userId)) throw new ParlorError("forbidden");
      const { user, registered } = await sessions.authorizeOrRegister(caller, who.userId, who);
      const { member, banned } = await store.findMembership(sql, roomId, user.id);
      if (banned) throw new ParlorError("banned");
      if (room.kind === "direct" && !member) throw new ParlorError("forbidden");
      if (!member) {
        const avatarUrl = chosenAvatar(user) ?? user.placeholder_url;
        await store.addMember(sql, { roomId, userId: user.id, username: user.shown_name, avatarUrl });
      }
      if (registered) log.info(`✅ Auto-registered user ${plain(user.id)} in room ${plain(roomId)}`);
      return { room, user, registered };
    },

    /** Checks a room's password and leaves a grant; an open room needs none. */
    async verifyPassword(caller: Caller, roomId: string, password: string): Promise<void> {
      const room = await requireRoom(roomId);
      if (room.kind === "direct") throw new ParlorError("room_not_found");
      if (room.privacy !== "password") return;
      if (!(await passwords.verify(room.password_hash, password)))
        throw new ParlorError("wrong_room_password");
      await grant(room, caller);
    },

    /** Profiles of members that changed after a `profile_rev`, by it. */
    async profiles(roomId: string, after: number, limit: number): Promise<Profile[]> {
      const rows = await users.rows(await store.memberIdsChangedAfter(sql, roomId, after, limit));
      return [...rows.values()].map(toProfile).sort((a, b) => a.profile_rev - b.profile_rev);
    },

    historyVersion: (roomId: string) => store.historyVersion(sql, roomId),
    heads: (roomIds: readonly string[]) => store.findHeads(sql, roomIds),
    memberIds: (roomId: string) => store.memberIds(sql, roomId),
    counts: () => store.countRooms(sql),

    /** The private room of two people, made when it is not there. Both exist. */
    async openDirect(roomId: string, people: readonly [UserRow, UserRow]): Promise<RoomRow> {
      const known = await store.findRoom(sql, roomId);
      if (known) return known;
      await database.transaction(async (tx) => {
        await store.insertRoom(tx, {
          ...emptyRoom(roomId, "Direct messages"),
          kind: "direct",
          privacy: "private",
        });
        for (const user of people) {
          await store.addMember(tx, { roomId, userId: user.id, username: user.shown_name, avatarUrl: null });
        }
      });
      return await requireRoom(roomId);
    },
  };
}

function emptyRoom(id: string, name: string): store.NewRoom {
  return {
    id,
    kind: "room",
    name,
    thumbnail_url: null,
    category: null,
    description: null,
    tags: [],
    privacy: "public",
    max_members: null,
    password_hash: null,
    created_by: null,
    host: null,
  };
}

async function settlePrivacy(input: RoomCreate, passwords: Passwords) {
  const password = input.password || null;
  const privacy = input.privacy ?? (password === null ? "public" : "password");
  if (privacy !== "password") return { privacy, password: null, passwordHash: null };
  if (password === null)
    throw new ParlorError("invalid_request", "password: a password room needs a password");
  return { privacy, password, passwordHash: await passwords.hash(password) };
}

function checkThumbnail(url: string | null | undefined): void {
  if (!url || /^(https?:\/\/|data:image\/(png|jpe?g|gif|webp|avif);base64,)/i.test(url)) return;
  throw new ParlorError("rule_broken", "The thumbnail must be an http(s) address or a data: picture.");
}
