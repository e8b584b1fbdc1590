import type { EndpointName } from "@parlor/protocol";
import type { ROUTES, Route } from "./routes.js";

/** The routes that few people ask, and nobody at once: they come when one of them is wanted. */
export const RARE_ROUTES = {
  root: "GET /",
  health: "GET /health",
  debug: "GET /_debug",
  listUsers: "GET /users",
  avatarHealth: "GET /avatars/health",
  exportRoom: "GET /rooms/{room_id}/export",
  listLiveStreams: "GET /rooms/{room_id}/live-streams",
  createLiveStream: "POST /rooms/{room_id}/live-stream",
  listVideos: "GET /rooms/{room_id}/videos",
  createVideoUpload: "POST /rooms/{room_id}/video-upload",
  assistantChat: "POST /api/v1/chat",
  assistantStreamChat: "POST /ai/stream/chat",
  assistantStreamGenerate: "POST /ai/stream/generate",
  assistantHealth: "GET /ai/health",
  updateRoom: "PATCH /rooms/{room_id}",
  deleteRoom: "DELETE /rooms/{room_id}",
  removeMember: "DELETE /rooms/{room_id}/members/{user_id}",
  listBanned: "GET /rooms/{room_id}/banned",
  unbanMember: "DELETE /rooms/{room_id}/banned/{user_id}",
} as const satisfies Record<Exclude<EndpointName, keyof typeof ROUTES>, Route>;
