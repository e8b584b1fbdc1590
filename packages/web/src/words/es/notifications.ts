import type { Words } from "../en.js";

/** Notifications of this device. */
export const notifications: Words["notifications"] = {
  title: "Notificaciones",
  text: "De menciones y mensajes directos, mientras estás en otra cosa.",
  enable: "Activar las notificaciones",
  on: "Mostrar notificaciones en este dispositivo",
  denied:
    "Este navegador no deja que Parlor te avise. Permite las notificaciones de este sitio en los ajustes del navegador.",
  unsupported:
    "Este navegador no puede mostrar notificaciones de esta dirección. Tiene que empezar por https.",
  offer: "¿Quieres saber cuándo te responden?",
  turnOn: "Activar",
  notNow: "Ahora no",
  inRoom: (name, room) => `${name} en ${room}`,
};
