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
export type { WebSocketConstructor, WebSocketLike } from "./socket.js";
export type { ConnectionStatus, PendingMessage, RoomClient, RoomOptions, RoomState } from "./types.js";
