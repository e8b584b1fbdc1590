// What other features may use of this one.
export { allowNotifications, noteWritten, setNotifications, useNotifyState } from "./notify-store.js";
