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
export {
  type BroadcastsClient,
  type BroadcastsState,
  openBroadcasts,
} from "./call/broadcasts.js";
export { openCall } from "./call/call.js";
export {
  type CallDevice,
  type CallDevices,
  type CameraOptions,
  listDevices,
  type MicrophoneOptions,
  onDevicesChanged,
  openCamera,
  openMicrophone,
  openScreen,
} from "./call/devices.js";
export { browserPlatform, type CallPlatform, createMeter, type Meter } from "./call/platform.js";
export type {
  CallClient,
  CallEnding,
  CallNotice,
  CallPerson,
  CallReaction,
  CallSelf,
  CallState,
  CallStatus,
  JoinOptions,
  PairStats,
  PairStatus,
  Quality,
} from "./call/types.js";
export type { Clock } from "./clock.js";
export { type Courier, type CourierOptions, createCourier, type Unsent } from "./courier.js";
export { type HistoryStore, historyOwner, type RoomSnapshot } from "./history.js";
export { type BrowserHistory, createIndexedDbHistory } from "./history-indexeddb.js";
export { browserLeaving, type LeavingSource } from "./leaving.js";
export { browserOnline, type OnlineSource } from "./online.js";
export {
  createMemoryOutbox,
  OUTBOX_LIMIT,
  type OutboxStore,
  outboxKey,
  readOutboxKey,
  type Turn,
} from "./outbox.js";
export { createIndexedDbOutbox } from "./outbox-indexeddb.js";
export { openRoom } from "./room.js";
export type { RoomClient, RoomOptions, RoomWire, SendOptions } from "./room-client.js";
export type { WebSocketConstructor, WebSocketLike } from "./socket.js";
export type { Broadcast, ConnectionStatus, PendingMessage, RoomState } from "./types.js";
export type { UploadOptions, UploadProgress } from "./upload.js";
export {
  type InboxClient,
  type InboxNews,
  type InboxOptions,
  type InboxState,
  openInbox,
  type RoomFrame,
} from "./user-inbox.js";
