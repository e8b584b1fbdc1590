import type { Words } from "../en.js";
import { number } from "./grammar.js";

/** The banner of the connection. */
export const connection: Words["connection"] = {
  label: "Conexión",
  connecting: "Conectando…",
  reconnecting: "Conexión perdida. Reconectando…",
  reconnectingIn: (seconds) => `Conexión perdida. Próximo intento en ${number(seconds)} s.`,
  polling: "Esta red bloquea la conexión en directo. Los mensajes llegan igual, un poco más tarde.",
  offline: "Estás sin conexión. Lo que escribas se enviará cuando vuelvas.",
  retryNow: "Reintentar ya",
};
