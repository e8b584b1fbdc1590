import type { Words } from "../en.js";

/** Profile cards and statuses. */
export const people: Words["people"] = {
  openProfile: (name) => `Ver el perfil de ${name}`,
  card: "Perfil",
  here: "En línea",
  lastSeen: (when) => `Última vez: ${when}`,
  justNow: "hace un momento",
  since: (date) => `Aquí desde ${date}`,
  message: "Enviar mensaje",
  edit: "Editar tu perfil",
  loadFailed: "No se ha podido cargar este perfil.",
  statusUntil: (time) => `hasta ${time}`,
};
