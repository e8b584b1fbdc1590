import type { Words } from "../en.js";
import { number } from "./grammar.js";

/** The banner of the connection. */
export const connection: Words["connection"] = {
  label: "Verbindung",
  connecting: "Verbindung wird aufgebaut…",
  reconnecting: "Verbindung verloren. Neuer Versuch…",
  reconnectingIn: (seconds) => `Verbindung verloren. Nächster Versuch in ${number(seconds)} s.`,
  polling: "In diesem Netz sind Live-Nachrichten gesperrt. Alles kommt trotzdem an, nur etwas später.",
  offline: "Du bist offline. Was du schreibst, wird gesendet, sobald du zurück bist.",
  retryNow: "Jetzt versuchen",
};
