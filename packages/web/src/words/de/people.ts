import type { Words } from "../en.js";

/** Profile cards and statuses. */
export const people: Words["people"] = {
  openProfile: (name) => `Profil von ${name} zeigen`,
  card: "Profil",
  here: "Online",
  lastSeen: (when) => `Zuletzt da: ${when}`,
  justNow: "gerade eben",
  since: (date) => `Dabei seit ${date}`,
  message: "Nachricht schreiben",
  edit: "Profil bearbeiten",
  loadFailed: "Dieses Profil konnte nicht geladen werden.",
  statusUntil: (time) => `bis ${time}`,
};
