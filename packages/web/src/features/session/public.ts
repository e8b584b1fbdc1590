// What other features may use of this one; its pages are loaded when they are wanted.
export { MeProvider, shownName, useMe, useSession } from "./session.js";
export { beginSession, getSession, leave, lose, onNewPerson, refreshMe, updateMe } from "./session-store.js";
