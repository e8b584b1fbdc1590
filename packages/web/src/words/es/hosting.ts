import type { HostWords } from "../en/hosting.js";

/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting: HostWords = {
  deleteRoom: "Eliminar sala",
  deleteHint: "Elimina la sala para todo el mundo, con todo lo escrito en ella.",
  deleteTitle: (room) => `¿Eliminar ${room}?`,
  deleteText: "Se pierden todos sus mensajes y archivos, para todo el mundo. Nadie puede recuperarlos.",
  typeName: "Escribe el nombre de la sala para confirmar",
  wrongName: "Ese no es el nombre de la sala.",
  deleted: (room) => `Se eliminó ${room}.`,
  out: "Personas expulsadas",
  letIn: "Dejar volver",
  letInDone: (name) => `${name} puede volver.`,
  remove: "Expulsar de la sala",
  removeTitle: (name, room) => `¿Expulsar a ${name} de ${room}?`,
  removeText: "Sale al instante y no puede volver hasta que se lo permitas. Lo que escribió se queda.",
  removeDone: (name) => `Se expulsó a ${name}.`,
};
