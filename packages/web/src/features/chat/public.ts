// What other features may use of this one.
export { ChatPage } from "./chat-page.js";
export { openFirstRoom } from "./first-room.js";
