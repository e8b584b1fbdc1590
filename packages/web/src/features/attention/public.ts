// What other features may use of this one.
export { NotifyOffer } from "./notify-offer.js";
export { allowNotifications, noteWritten, setNotifications, useNotifyState } from "./notify-store.js";
