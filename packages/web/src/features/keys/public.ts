// What other features may use of this one.
export { showKeysDialog } from "./open-store.js";
