import type { Words } from "../en.js";

/** A new version of the client, and a part of it that did not load. */
export const update: Words["update"] = {
  ready: "Eine neue Version ist da.",
  take: "Neu laden",
  brokenTitle: "Diese Seite lässt sich nicht anzeigen",
  brokenText:
    "Ein Teil davon wurde nicht geladen. Deine Entwürfe und ungesendeten Nachrichten bleiben erhalten.",
};
