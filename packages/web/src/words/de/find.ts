import type { Words } from "../en.js";

/** Search, pins, mentions, dates and exports. */
export const find: Words["find"] = {
  menu: "Menü des Raums",
  search: "Nachrichten durchsuchen",
  placeholder: "Nachrichten durchsuchen…",
  inRoom: "Dieser Raum",
  everywhere: "Alle Räume",
  where: "Wo gesucht wird",
  start:
    "Wörter in beliebiger Folge. „Anführungszeichen“ finden eine Wendung, ein Minus schließt ein Wort aus.",
  none: (query) => `Nichts gefunden für „${query}“.`,
  partial: "Das hat lange gedauert; vielleicht gibt es mehr. Grenze die Suche ein, um es zu sehen.",
  more: "Mehr zeigen",
  results: "Treffer",
  failed: "Das konnte nicht geladen werden.",
  pins: "Angeheftete Nachrichten",
  pinsNone: "Noch ist nichts angeheftet",
  pinsNoneText: "Hefte an, was zur Hand bleiben soll: Im Menü der Nachricht steht „Nachricht anheften“.",
  mentions: "Wo du erwähnt wirst",
  mentionsNone: "Noch hat dich niemand erwähnt",
  mentionsNoneText: "Wenn jemand @ und deinen Namen schreibt, steht es hier.",
  date: "Zu einem Datum gehen",
  dateText: "Zeigt die erste Nachricht dieses Tages.",
  day: "Tag",
  go: "Dorthin gehen",
  exportPage: "Als Seite sichern (HTML)",
  exportJson: "Als Daten sichern (JSON)",
};
