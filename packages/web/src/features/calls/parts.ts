// Everything of calls that is shown without being in one.
export { CallButton } from "./call-button.js";
export { CallHost } from "./call-host.js";
export { CallMessage } from "./call-message.js";
export { CallPlace } from "./call-place.js";
export { openCallWords } from "./call-words.js";
export { CheckDoor } from "./check-door.js";
