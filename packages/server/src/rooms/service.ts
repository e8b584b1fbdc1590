import { randomUUID } from "node:crypto";
import {
  type DirectRoom,
  isAvatarUrl,
  isDirectRoomId,
  isId,
  LIMITS,
  ParlorError,
  type Profile,
  RESERVED_ROOM_ID,
  type Room,
  type RoomCreate,
  type RoomHost,
} from "@parlor/protocol";
import { atBase, isOwnPicture, mapUrls, withoutBase } from "../base-address.js";
import { createLookup } from "../batcher.js";
import type { Bus } from "../bus/bus.js";
import type { Database } from "../db/database.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import type { Passwords } from "../sessions/password.js";
import type { SessionsService } from "../sessions/service.js";
import { accountOf, type Caller, devicesOf, hasPresented, presentedIds } from "../users/caller.js";
import type { UsersService } from "../users/service.js";
import { chosenAvatar, toProfile, type UserRow } from "../users/user.js";
import { createProfileNews } from "./profile-news.js";
import { createProfileReading } from "./profile-reading.js";
import type { HistoryVersion, RoomRow } from "./store.js";
import * as store from "./store.js";

export type { HistoryVersion } from "./store.js";

/** Counts who is connected; the hub of sockets implements it. */
export interface Presence {
  onlineCount(roomId: string): number;
}

export type { RoomRow } from "./store.js";
/** Somebody came into a room for good, or left it. Told after the commit. */
export interface MembershipChange {
  readonly room: Pick<RoomRow, "id" | "kind" | "privacy">;
  readonly userId: string;
  readonly isMember: boolean;
  /** Whether the room's host put them out: they may not come back. */
  readonly isPutOut: boolean;
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
  const findDoor = createLookup((visits: readonly store.Visit[]) => store.findDoors(sql, visits));
  const findChanged = createProfileReading({ sql, users });
  const membershipListeners: ((change: MembershipChange) => void)[] = [];
  const goneListeners: ((roomId: string) => void)[] = [];
  let closings = 0;

  function tellMembership(room: RoomRow, userId: string, isMember: boolean, isPutOut = false): void {
    for (const listener of membershipListeners) listener({ room, userId, isMember, isPutOut });
  }

  function toRoom(room: store.ListedRoom): Room {
    return {
      id: room.id,
      name: room.name,
      created_at: room.created_at.toISOString(),
      users: room.users,
      thumbnail_url: atBase(room.thumbnail_url),
      category: room.category,
      description: room.description,
      tags: room.tags,
      privacy: room.privacy,
      max_members: room.max_members,
      created_by: room.created_by,
      host: room.host && mapHost(room.host, atBase),
      host_proven: room.host_proven,
      memberCount: room.member_count,
      onlineCount: presence.onlineCount(room.id),
    };
  }

  async function requireRoom(roomId: string): Promise<RoomRow> {
    const room = roomId === RESERVED_ROOM_ID ? null : await store.findRoom(sql, roomId);
    if (!room) throw new ParlorError("room_not_found");
    return room;
  }

  /** The door of a join or a socket: with `AUTO_CREATE_ROOMS` an unknown room is made. */
  async function requireDoor(roomId: string, caller: Caller, userId: string): Promise<store.Door> {
    if (roomId === RESERVED_ROOM_ID) throw new ParlorError("room_not_found");
    const find = () => findDoor({ roomId, userId, presentedIds: presentedIds(caller) });
    const known = await find();
    if (known) return known;
    if (!parts.autoCreate || !isId(roomId) || isDirectRoomId(roomId)) throw new ParlorError("room_not_found");
    await store.insertRoom(sql, { ...emptyRoom(roomId, `Room ${roomId.slice(0, 100)}`) });
    const made = await find();
    if (!made) throw new ParlorError("room_not_found");
    return made;
  }

  async function hasGrant(room: RoomRow, caller: Caller): Promise<boolean> {
    const account = accountOf(caller);
    return await store.hasGrant(sql, room.id, devicesOf(caller), account === null ? [] : [account]);
  }

  /** Leaves a grant with the device session, which is started when there is none, and with the account. */
  async function grant(room: RoomRow, caller: Caller): Promise<void> {
    const deviceId = await sessions.ensureDevice(caller);
    if (!(await store.keepGrant(sql, room.id, deviceId, accountOf(caller))))
      throw new ParlorError("room_not_found");
  }

  /** Throws unless the caller may read the room; a right `password` opens it. */
  async function requireAccess(room: RoomRow, caller: Caller, password?: string | null): Promise<void> {
    if (room.kind === "direct") {
      const people = await store.memberIds(sql, room.id);
      if (!people.some((id) => hasPresented(caller, id))) throw new ParlorError("forbidden");
      return;
    }
    const people = presentedIds(caller);
    if (people.length > 0 && (await store.isPutOut(sql, room.id, people))) throw new ParlorError("banned");
    await requireGrant(room, caller, password);
  }

  /** Throws unless the room needs no password, the caller was granted it, or `password` is right. */
  async function requireGrant(room: RoomRow, caller: Caller, password?: string | null): Promise<void> {
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

  const news = createProfileNews({ bus, users, roomIdsOf: (userId) => store.roomIdsOf(sql, userId), log });
  users.onProfileChanged(news.changed);

  return {
    requireRoom,
    requireAccess,
    announceIn: news.tellRoom,

    /** Makes a room; a password room is open to the device and account that made it. */
    async create(caller: Caller, input: RoomCreate): Promise<Room> {
      const { privacy, password, passwordHash } = await settlePrivacy(input, passwords);
      await checkMaker(caller, input.created_by);
      await checkMaker(caller, input.host?.id);
      const path = (url: string) => withoutBase(url, caller.base);
      const thumbnail = input.thumbnail_url ? path(input.thumbnail_url) : null;
      checkThumbnail(thumbnail);
      const hostId = input.host?.id ?? null;
      const createdBy = input.created_by ?? hostId;
      const room = {
        ...emptyRoom(randomUUID(), input.name),
        thumbnail_url: thumbnail,
        category: input.category || null,
        description: input.description || null,
        tags: input.tags ?? [],
        privacy,
        max_members: input.max_members ?? null,
        password_hash: passwordHash,
        created_by: createdBy,
        host: hostId === null ? null : keptHost({ ...input.host, id: hostId }, path),
        host_proven:
          createdBy !== null && [createdBy, hostId ?? createdBy].every((id) => hasPresented(caller, id)),
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
      const viewerIds = presentedIds(caller);
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
    ): Promise<{ room: RoomRow; user: UserRow; registered: boolean; version: HistoryVersion }> {
      const door = await requireDoor(roomId, caller, who.userId);
      const { room, member, banned } = door;
      if (room.kind === "direct") {
        if (!hasPresented(caller, who.userId)) throw new ParlorError("forbidden");
      } else {
        if (door.callerIsOut) throw new ParlorError("banned");
        await requireGrant(room, caller, who.password);
      }
      const { user, registered } = await sessions.authorizeOrRegister(caller, who.userId, door.user, who);
      if (banned) throw new ParlorError("banned");
      if (room.kind === "direct" && !member) throw new ParlorError("forbidden");
      if (!member) {
        const avatarUrl = chosenAvatar(user) ?? user.placeholder_url;
        const adding = { roomId, userId: user.id, username: user.shown_name, avatarUrl };
        if (!(await store.addMember(sql, adding)))
          throw new ParlorError((await store.findRoom(sql, roomId)) ? "banned" : "room_not_found");
        tellMembership(room, user.id, true);
      }
      if (registered) log.info(`✅ Auto-registered user ${plain(user.id)} in room ${plain(roomId)}`);
      const { epoch, head_seq } = room;
      return { room, user, registered, version: { epoch, head_seq, profile_rev: door.profileRev } };
    },

    /**
     * Whether a room has no password, or who came by these devices is still granted it, as at the door: a device, an
     * account on it, or the user itself (`userId`) when its session was presented.
     */
    async isOpenTo(roomId: string, deviceIds: readonly string[], userId: string | null): Promise<boolean> {
      const room = await store.findRoom(sql, roomId);
      if (room?.privacy !== "password") return true;
      const people = await sessions.accountsOn(deviceIds);
      if (userId !== null) people.push(userId);
      return await store.hasGrant(sql, roomId, deviceIds, people);
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

    /** Profiles of members that changed after a `profile_rev`, by it; without `changedOnly` those that were made, too. */
    profiles: async (roomId: string, after: number, limit: number, changedOnly = false): Promise<Profile[]> =>
      (await findChanged({ roomId, after, limit, changedOnly })) ?? [],

    /** Profiles by user id; those of nobody are left out. */
    profilesOf: async (userIds: readonly string[]): Promise<Profile[]> =>
      [...(await users.rows(userIds)).values()].map(toProfile),

    /** Throws when those who act were put out of the room. */
    async refusePutOut(roomId: string, ids: Iterable<string>): Promise<void> {
      if (await store.isPutOut(sql, roomId, [...ids])) throw new ParlorError("banned");
    },

    /** Those of `ids` who are members of a room: who was put out of it or has left it is none. */
    members: (roomId: string, ids: readonly string[]) => store.membersAmong(sql, roomId, ids),

    /** Rooms whose history the caller may read as a member with a session of it, the newest joined first. */
    async readable(caller: Caller, userIds: readonly string[]): Promise<string[]> {
      const devices = devicesOf(caller);
      const account = accountOf(caller);
      const accounts = account === null ? [] : [account];
      return await store.readableRooms(sql, { userIds, devices, accounts, limit: LIMITS.readableRooms });
    },

    /** The version of a room's history now. */
    historyVersion: createLookup((ids: readonly string[]) => store.historyVersions(sql, ids)),
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
      const made = await requireRoom(roomId);
      for (const user of people) tellMembership(made, user.id, true);
      return made;
    },

    /** Throws `forbidden` for somebody who is not in the room. */
    async requireMember(room: RoomRow, userId: string): Promise<void> {
      const { member } = await store.findMembership(sql, room.id, userId);
      if (!member) throw new ParlorError("forbidden", "Join the room first.");
    },

    /** Calls `listener` whenever somebody becomes a member, or is one no more. */
    onMembership(listener: (change: MembershipChange) => void): void {
      membershipListeners.push(listener);
    },

    /** Calls `listener` whenever a room is found to be there no more. */
    onGone(listener: (roomId: string) => void): void {
      goneListeners.push(listener);
    },

    /** A room is there no more: ends whatever goes on in it. */
    noteGone(roomId: string): void {
      closings += 1;
      for (const listener of goneListeners) listener(roomId);
    },

    /** Somebody was put out of a room: ends whatever they do there. */
    notePutOut(room: RoomRow, userId: string): void {
      closings += 1;
      tellMembership(room, userId, false, true);
    },

    /** Grows whenever a room ends or somebody is put out of one: while it stands still, who was let in before may go on. */
    get closings(): number {
      return closings;
    },

    /** Why nobody of this user may be in a room any more; `null`: they may. */
    async refusalOf(roomId: string, userId: string): Promise<"room_not_found" | "banned" | null> {
      const room = await store.findRoom(sql, roomId);
      if (!room) return "room_not_found";
      return (await store.findMembership(sql, roomId, userId)).banned ? "banned" : null;
    },

    /** Ends a membership. A conversation is only hidden, until somebody writes in it. */
    async leave(room: RoomRow, userId: string): Promise<void> {
      if (!(await store.leaveRoom(sql, room.id, userId))) throw new ParlorError("forbidden");
      tellMembership(room, userId, false);
    },

    /** The private room of two people as a room, with the other one's profile; shown again if it was hidden. */
    async directRoom(roomId: string, ownId: string, other: UserRow): Promise<DirectRoom> {
      await store.unhide(sql, roomId, ownId);
      const room = await store.findListed(sql, roomId, LIMITS.listedMembers);
      if (!room) throw new ParlorError("room_not_found");
      const profile = toProfile(other);
      const shown = { ...toRoom(room), name: profile.username, thumbnail_url: profile.avatar_url };
      return { ...shown, kind: "direct", other: profile };
    },
  };
}

/**
 * Where somebody stands in a room: its host; a member of a room that has one; a member of a room that has none; one of the
 * two people of a conversation.
 */
export type Standing = "host" | "member" | "leaderless" | "conversation";

/** Tells where somebody stands in a room. */
export function standingOf(room: RoomRow, userId: string): Standing {
  if (room.kind === "direct") return "conversation";
  const hosts = hostsOf(room);
  if (hosts.includes(userId)) return "host";
  return hosts.length > 0 ? "member" : "leaderless";
}

/** Who decides in a room: whoever made it or is named as its host. */
export function hostsOf(room: Pick<RoomRow, "created_by" | "host">): string[] {
  return [room.created_by, room.host?.id].filter((id) => typeof id === "string");
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
    host_proven: false,
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

/** The host that a room keeps: of its pictures only addresses, since every list of rooms shows them. */
function keptHost(host: RoomHost, path: (url: string) => string): RoomHost {
  const kept = (url: string) => {
    const clean = path(url);
    return isOwnPicture(clean) || isAvatarUrl(clean) ? clean : "";
  };
  return mapHost(host, kept);
}

/** A host with its pictures' addresses changed. */
function mapHost(host: RoomHost, change: (url: string) => string): RoomHost {
  const { avatar_url, avatar_urls } = host;
  return {
    ...host,
    ...(avatar_url ? { avatar_url: change(avatar_url) } : {}),
    ...(avatar_urls ? { avatar_urls: mapUrls(avatar_urls, change) } : {}),
  };
}

function checkThumbnail(url: string | null): void {
  if (
    url === null ||
    isOwnPicture(url) ||
    /^(https?:\/\/|data:image\/(png|jpe?g|gif|webp|avif);base64,)/i.test(url)
  )
    return;
  throw new ParlorError("rule_broken", "The thumbnail must be an http(s) address or a data: picture.");
}
