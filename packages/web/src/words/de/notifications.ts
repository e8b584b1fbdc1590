import type { Words } from "../en.js";

/** Notifications of this device. */
export const notifications: Words["notifications"] = {
  title: "Benachrichtigungen",
  text: "Für Erwähnungen und Direktnachrichten, während du woanders bist.",
  enable: "Benachrichtigungen einschalten",
  on: "Auf diesem Gerät benachrichtigen",
  denied:
    "Dieser Browser lässt Parlor dich nicht benachrichtigen. Erlaube Benachrichtigungen für diese Seite in den Einstellungen des Browsers.",
  unsupported:
    "Dieser Browser kann für diese Adresse keine Benachrichtigungen zeigen. Dafür muss sie mit https beginnen.",
  offer: "Möchtest du wissen, wenn dir jemand antwortet?",
  turnOn: "Einschalten",
  notNow: "Jetzt nicht",
  inRoom: (name, room) => `${name} in ${room}`,
};
