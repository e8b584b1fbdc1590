import * as z from "zod/mini";
import { actErrors, endpoint, limit, roomErrors, roomId, userId } from "./endpoint.js";
import type { ErrorCode } from "./errors.js";
import { Id, RoomId } from "./ids.js";
import {
  ActorBody,
  DirectOpen,
  DirectRoom,
  LevelState,
  LevelUpdate,
  ReadState,
  ReadUpdate,
  Receipt,
  RoomSummary,
} from "./reading.js";
import { Profile } from "./user.js";

const memberErrors: ErrorCode[] = [...roomErrors, "forbidden", "user_not_found"];

/** Routes of what a user has read, and of the rooms that are theirs. */
export const readingEndpoints = {
  listUserRooms: endpoint({
    method: "GET",
    path: "/users/{user_id}/rooms",
    tag: "reading",
    summary: "List the rooms and conversations of one's own user, what moved last first",
    params: userId,
    query: z.object({ room_id: z.optional(RoomId), limit }),
    reply: z.array(RoomSummary),
    errors: ["user_not_found", ...actErrors],
  }),
  findPeople: endpoint({
    method: "GET",
    path: "/users/{user_id}/people",
    tag: "reading",
    summary: "Find people by a part of their name, of those with whom one's own user shares a room",
    params: userId,
    query: z.object({ q: z.string().check(z.minLength(1), z.maxLength(100)), limit }),
    reply: z.array(Profile),
    errors: ["user_not_found", ...actErrors],
  }),
  openDirect: endpoint({
    method: "POST",
    path: "/users/{user_id}/direct",
    tag: "reading",
    summary: "Open the conversation with somebody as a room",
    params: userId,
    body: DirectOpen,
    reply: DirectRoom,
    errors: ["user_not_found", "rule_broken", "forbidden", ...actErrors],
  }),
  markRead: endpoint({
    method: "PUT",
    path: "/rooms/{room_id}/read",
    tag: "reading",
    summary: "Say up to which number one has read; it never goes back",
    params: roomId,
    body: ReadUpdate,
    reply: ReadState,
    errors: memberErrors,
  }),
  setNotifications: endpoint({
    method: "PUT",
    path: "/rooms/{room_id}/notifications",
    tag: "reading",
    summary: "Choose what of a room reaches one's attention",
    params: roomId,
    body: LevelUpdate,
    reply: LevelState,
    errors: memberErrors,
  }),
  leaveRoom: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/leave",
    tag: "reading",
    summary: "Leave a room; a conversation is hidden until somebody writes",
    params: roomId,
    body: ActorBody,
    reply: z.object({ success: z.literal(true) }),
    errors: ["room_not_found", "forbidden", "user_not_found", ...actErrors],
  }),
  listReceipts: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/receipts",
    tag: "reading",
    summary: "Tell how far the 200 newest readers have read, of those who tell it",
    params: roomId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: z.array(Receipt),
    errors: memberErrors,
  }),
};
