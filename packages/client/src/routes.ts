import type { EndpointName, Method } from "@parlor/protocol";

/** Method and path of a route. */
export type Route = `${Method} /${string}`;

/**
 * Method and path of the routes that any page may ask, the others are in `rare-routes.ts`. A copy of what the table
 * `endpoints` of the protocol says, held equal to it by a test: importing the table itself would bring all its schemas
 * (12 KB, compressed) into every browser.
 */
export const ROUTES = {
  createUser: "POST /users",
  getUser: "GET /users/{user_id}",
  updateProfile: "PUT /users/{user_id}/profile",
  setPassword: "PUT /users/{user_id}/password",
  uploadAvatar: "PUT /users/{user_id}/avatar",
  deleteAvatar: "DELETE /avatars/delete/{user_id}",
  signup: "POST /auth/signup",
  login: "POST /auth/login",
  me: "GET /auth/me",
  logout: "POST /auth/logout",
  requestMagicLink: "POST /auth/magic-link/request",
  verifyMagicLink: "POST /auth/magic-link/verify",
  createRoom: "POST /rooms",
  listRooms: "GET /rooms",
  getRoom: "GET /rooms/{room_id}",
  joinRoom: "POST /rooms/{room_id}/join",
  verifyRoomPassword: "POST /rooms/{room_id}/verify-password",
  listProfiles: "GET /rooms/{room_id}/profiles",
  listMessages: "GET /rooms/{room_id}/messages",
  postMessage: "POST /rooms/{room_id}/messages",
  editMessage: "PATCH /rooms/{room_id}/messages/{message_id}",
  listEdits: "GET /rooms/{room_id}/messages/{message_id}/edits",
  pinMessage: "PUT /rooms/{room_id}/messages/{message_id}/pin",
  unpinMessage: "DELETE /rooms/{room_id}/messages/{message_id}/pin",
  listPins: "GET /rooms/{room_id}/pins",
  search: "GET /search",
  listMentions: "GET /users/{user_id}/mentions",
  deleteMessage: "DELETE /rooms/{room_id}/messages/{message_id}",
  addReaction: "PUT /rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
  removeReaction: "DELETE /rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
  getLimits: "GET /limits",
  createUpload: "POST /rooms/{room_id}/uploads",
  appendUpload: "PATCH /uploads/{upload_id}",
  getUpload: "GET /uploads/{upload_id}",
  cancelUpload: "DELETE /uploads/{upload_id}",
  createFileKey: "POST /rooms/{room_id}/file-key",
  getFile: "GET /files/{file_id}/{name}",
  listUserRooms: "GET /users/{user_id}/rooms",
  findPeople: "GET /users/{user_id}/people",
  openDirect: "POST /users/{user_id}/direct",
  markRead: "PUT /rooms/{room_id}/read",
  setNotifications: "PUT /rooms/{room_id}/notifications",
  leaveRoom: "POST /rooms/{room_id}/leave",
  listReceipts: "GET /rooms/{room_id}/receipts",
  getIceServers: "GET /rooms/{room_id}/ice-servers",
  declineCall: "POST /rooms/{room_id}/call/decline",
} as const satisfies Partial<Record<EndpointName, Route>>;
