// What the menu of a room, loaded after its page, uses of this feature.
export { copyRoomLink } from "./copy-link.js";
export { RoomChoices } from "./room-choices.js";
