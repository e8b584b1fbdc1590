// What the JavaScript peers share: the part of Parlor's wire that the load generator speaks, in memory as in the seeds.
import { randomUUID } from "node:crypto";
import http from "node:http";

/** Rooms by id. */
export const rooms = new Map();

/** Answers `POST /rooms`; `null` for any other path. */
export function answer(path, body) {
  if (path !== "/rooms") return null;
  const room = { id: randomUUID(), name: body.name, messages: [], members: new Set() };
  rooms.set(room.id, room);
  return { id: room.id, name: room.name };
}

/** Node's HTTP server with that answer. */
export function createServer() {
  return http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
      const answered = answer(request.url, body);
      response.writeHead(answered ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify(answered ?? { detail: "not found" }));
    });
  });
}

/** Reads `/ws/{room}/{user}?username=…`; `null` when the room is not there. */
export function admit(path) {
  const url = new URL(path, "http://localhost");
  const [, roomId, userId] = /^\/ws\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
  const room = rooms.get(roomId);
  if (!room) return null;
  return { room, user: userOf(userId, url.searchParams.get("username")) };
}

/** A member as the frames show it. */
export function userOf(id, username) {
  return { id, username: username ?? "Anonymous", avatar_url: "https://ui-avatars.com/api/?name=User" };
}

/** Stores a message in memory. */
export function store(room, user, content) {
  const message = {
    type: "message",
    id: randomUUID(),
    user_id: user.id,
    username: user.username,
    content: String(content ?? ""),
    timestamp: new Date().toISOString(),
    avatar_url: user.avatar_url,
  };
  room.messages.push(message);
  return message;
}

/** The frame that tells who came. */
export function joined(user) {
  return { type: "user_joined", user_id: user.id, username: user.username, avatar_url: user.avatar_url };
}
