import * as z from "zod/mini";
import { endpoint, limit, roomErrors, roomId, userId } from "./endpoint.js";
import type { ErrorCode } from "./errors.js";
import { Id } from "./ids.js";
import { RoomExport } from "./message.js";
import {
  BannedPerson,
  Room,
  RoomCreate,
  RoomJoin,
  RoomJoined,
  RoomPassword,
  RoomPasswordVerified,
  RoomUpdate,
} from "./room.js";
import { text, wholeNumber } from "./text.js";
import { Profile } from "./user.js";

const member = z.object({ ...roomId.shape, ...userId.shape });
const actor = z.object({ user_id: z.optional(Id) });
const done = z.object({ success: z.literal(true) });
/** Errors of what is for a room's host. */
const hostErrors: ErrorCode[] = [...roomErrors, "forbidden", "user_not_found"];

/** Routes of rooms and of those who are in them. */
export const roomEndpoints = {
  createRoom: endpoint({
    method: "POST",
    path: "/rooms",
    tag: "rooms",
    summary: "Make a room",
    body: RoomCreate,
    reply: Room,
    errors: ["not_your_identity", "rule_broken"],
  }),
  listRooms: endpoint({
    method: "GET",
    path: "/rooms",
    tag: "rooms",
    summary: "List public and password rooms, the newest first",
    query: z.object({ category: z.optional(text({ max: 100 })), limit, before: z.optional(Id) }),
    reply: z.array(Room),
  }),
  getRoom: endpoint({
    method: "GET",
    path: "/rooms/{room_id}",
    tag: "rooms",
    summary: "Read a room",
    params: roomId,
    reply: Room,
    errors: ["room_not_found"],
  }),
  updateRoom: endpoint({
    method: "PATCH",
    path: "/rooms/{room_id}",
    tag: "rooms",
    summary: "Change a room's name, description or category; for its host",
    params: roomId,
    body: RoomUpdate,
    reply: Room,
    errors: hostErrors,
  }),
  deleteRoom: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}",
    tag: "rooms",
    summary: "Delete a room with its messages and files; for its host, with a session",
    params: roomId,
    query: actor,
    reply: done,
    errors: hostErrors,
  }),
  removeMember: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/members/{user_id}",
    tag: "rooms",
    summary: "Put somebody out of a room, who may not come back; for its host, with a session",
    params: member,
    query: actor,
    reply: done,
    errors: [...hostErrors, "rule_broken"],
  }),
  listBanned: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/banned",
    tag: "rooms",
    summary: "List who was put out of a room, the newest first; for its host, with a session",
    params: roomId,
    query: actor,
    reply: z.array(BannedPerson),
    errors: hostErrors,
  }),
  unbanMember: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/banned/{user_id}",
    tag: "rooms",
    summary: "Let somebody come back who was put out of a room; for its host, with a session",
    params: member,
    query: actor,
    reply: done,
    errors: hostErrors,
  }),
  joinRoom: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/join",
    aliases: [{ method: "POST", path: "/{room_id}/join" }],
    tag: "rooms",
    summary: "Join a room; an unknown user is registered",
    params: roomId,
    body: RoomJoin,
    reply: RoomJoined,
    errors: roomErrors,
  }),
  exportRoom: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/export",
    tag: "rooms",
    summary: "Download the whole history, as JSON or as a page; for members",
    params: roomId,
    query: z.object({ format: z.optional(z.enum(["json", "html"])), user_id: z.optional(Id) }),
    reply: RoomExport,
    errors: [...roomErrors, "forbidden"],
  }),
  verifyRoomPassword: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/verify-password",
    tag: "rooms",
    summary: "Open a password room for this device",
    params: roomId,
    body: RoomPassword,
    reply: RoomPasswordVerified,
    errors: ["room_not_found", "wrong_room_password"],
  }),
  listProfiles: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/profiles",
    tag: "rooms",
    summary:
      "Profiles of a room's members that changed after a `profile_rev`, by `profile_rev`; or those of `ids`",
    params: roomId,
    query: z.object({ after: z.optional(wholeNumber), limit, ids: z.optional(z.string()) }),
    reply: z.array(Profile),
    errors: ["room_not_found", "password_required", "forbidden"],
  }),
};
