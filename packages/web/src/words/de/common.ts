import type { Words } from "../en.js";

/** Words of no feature: what every dialog and page has. */
export const common: Words["common"] = {
  appName: "Parlor",
  optional: "optional",
  cancel: "Abbrechen",
  close: "Schließen",
  save: "Speichern",
  back: "Zurück zu den Räumen",
  retry: "Noch einmal versuchen",
  dismiss: "Ausblenden",
  loading: "Wird geladen…",
  showPassword: "Passwort zeigen",
  hidePassword: "Passwort verbergen",
  noPageTitle: "Hier ist nichts",
  noPageText: "Diese Adresse führt nirgendwohin. Vielleicht ist der Link unvollständig.",
};
