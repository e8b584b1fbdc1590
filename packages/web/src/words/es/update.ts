import type { Words } from "../en.js";

/** A new version of the client, and a part of it that did not load. */
export const update: Words["update"] = {
  ready: "Hay una versión nueva.",
  take: "Recargar",
  brokenTitle: "No se puede mostrar esta página",
  brokenText: "Una parte no se cargó. Tus borradores y mensajes sin enviar se conservan.",
};
