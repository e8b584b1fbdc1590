import type { HostWords } from "../en/hosting.js";

/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting: HostWords = {
  deleteRoom: "Raum löschen",
  deleteHint: "Löscht den Raum für alle, mit allem, was darin geschrieben wurde.",
  deleteTitle: (room) => `${room} löschen?`,
  deleteText: "Alle Nachrichten und Dateien darin verschwinden, für alle. Niemand kann sie zurückholen.",
  typeName: "Gib zur Bestätigung den Namen des Raums ein",
  wrongName: "Das ist nicht der Name des Raums.",
  deleted: (room) => `${room} wurde gelöscht.`,
  out: "Entfernte Personen",
  letIn: "Wieder hereinlassen",
  letInDone: (name) => `${name} kann wiederkommen.`,
  remove: "Aus dem Raum entfernen",
  removeTitle: (name, room) => `${name} aus ${room} entfernen?`,
  removeText:
    "Die Person ist sofort draußen und kann erst wiederkommen, wenn du sie lässt. Was sie geschrieben hat, bleibt.",
  removeDone: (name) => `${name} wurde entfernt.`,
};
