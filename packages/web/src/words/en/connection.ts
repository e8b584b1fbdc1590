import { number } from "./grammar.js";

/** The banner of the connection. */
export const connection = {
  label: "Connection",
  connecting: "Connecting…",
  reconnecting: "Connection lost. Reconnecting…",
  reconnectingIn: (seconds: number) => `Connection lost. Next try in ${number(seconds)} s.`,
  polling: "Live updates are blocked on this network. Messages still arrive, a little later.",
  offline: "You’re offline. What you write is sent when you’re back.",
  retryNow: "Retry now",
};
