// What other features may use of this one; the card itself is loaded when it is first opened.
export { closeProfile, useShownProfile } from "./card-store.js";
export { isHere, usePerson } from "./people-store.js";
export { PersonButton } from "./person-button.js";
export { StatusMark } from "./status-line.js";
