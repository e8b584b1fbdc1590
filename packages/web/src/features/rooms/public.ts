// What other features may use of this one.
export { ClosedRoom } from "./closed-room.js";
export { copyRoomLink } from "./copy-link.js";
export { HomePage } from "./home-page.js";
export { PrivacyMark } from "./room-glyph.js";
export { RoomSwitcher } from "./room-switcher.js";
export { forgetRoom, rememberRoom, useRoom } from "./rooms-store.js";
export { Sidebar } from "./sidebar.js";
