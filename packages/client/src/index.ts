export { ParlorError } from "@parlor/protocol";
export {
  type Api,
  type ApiOptions,
  type CallInput,
  type CallReply,
  createApi,
  type MessagePage,
  type MessageQuery,
} from "./api.js";
export type { Clock } from "./clock.js";
export { browserOnline, type OnlineSource } from "./online.js";
export { createMemoryOutbox, type OutboxStore } from "./outbox.js";
export { createIndexedDbOutbox } from "./outbox-indexeddb.js";
export { openRoom } from "./room.js";
export type { RoomClient, RoomOptions } from "./room-client.js";
export type { WebSocketConstructor, WebSocketLike } from "./socket.js";
export type { ConnectionStatus, PendingMessage, RoomState } from "./types.js";
