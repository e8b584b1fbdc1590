// What other features may use of this one.
import { part } from "../../ui/part.js";

export { type Asked, ask, useAsked } from "./ask-store.js";
export { copyRoomLink } from "./copy-link.js";
export { openDirect, useDirect, useOther } from "./direct-store.js";
export { hasHost, isHost } from "./hosts.js";
export {
  currentInbox,
  markAllRead,
  markRead,
  startInbox,
  summaryName,
  useInbox,
  useInboxClient,
  useListedUnread,
  useNewestProfile,
} from "./inbox-store.js";
export { roomIdOfPath, roomPath } from "./link.js";
export { previewText } from "./preview-text.js";
export { PrivacyMark } from "./room-glyph.js";
export { forgetRoom, readRoom, rememberRoom, useRoom } from "./rooms-store.js";
export { Sidebar } from "./sidebar.js";
export { shortCount } from "./summary-row.js";
export { askingOf, askingOfAll, neighbour } from "./unread.js";

/** Loaded when a room does not open. */
export const ClosedRoom = part(async () => (await import("./closed-room.js")).ClosedRoom, {
  failing: "place",
});
