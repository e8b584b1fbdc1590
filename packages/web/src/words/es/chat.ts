import type { Words } from "../en.js";
import { count, list, number } from "./grammar.js";

const characters = (n: number) =>
  count(n, { one: "# carácter", many: "# de caracteres", other: "# caracteres" });

/** A room: its messages, the composer, who is here. */
export const chat: Words["chat"] = {
  log: (room) => `Mensajes en ${room}`,
  composer: "Mensaje",
  placeholder: (room) => `Mensaje para ${room}`,
  send: "Enviar mensaje",
  hint: "Enter envía, Mayús+Enter empieza una línea nueva",
  left: (n) =>
    count(n, {
      one: "queda # carácter",
      many: "quedan # de caracteres",
      other: "quedan # caracteres",
    }),
  tooLong: (n) => `${characters(n)} de más`,
  emptyTitle: (room) => `Aquí empieza ${room}`,
  emptyText: "Saluda y luego envía el enlace a quien quieras que venga.",
  directTitle: (name) => `Tu conversación con ${name}`,
  directText: "Solo la leéis vosotros dos.",
  older: "Cargando mensajes anteriores…",
  olderFailed: "No se han podido cargar los mensajes anteriores.",
  newer: "Cargando mensajes posteriores…",
  newerFailed: "No se han podido cargar los mensajes posteriores.",
  jumpUnread: "Ir al primer mensaje nuevo",
  newMessages: (n) =>
    count(n, { one: "# mensaje nuevo", many: "# de mensajes nuevos", other: "# mensajes nuevos" }),
  newLine: "Mensajes nuevos",
  jumpDown: "Ir al mensaje más reciente",
  you: "tú",
  edited: "editado",
  deleted: "Este mensaje se ha borrado.",
  pending: "Enviando…",
  waiting: "Esperando la conexión",
  failed: "No enviado.",
  retry: "Intentar de nuevo",
  editFailed: "Editar",
  discard: "Descartar",
  unsentTitle: "Sin enviar",
  notKept:
    "Este navegador no puede conservar lo que falta por enviar. Deja esta página abierta hasta que salga todo.",
  reply: "Responder",
  answering: (name) => `Respondiendo a ${name}`,
  cancelAnswer: "Cancelar la respuesta",
  openQuote: (name, text) => `Ir al mensaje de ${name}: ${text}`,
  completions: "Sugerencias",
  code: (language) => (language ? `Código, ${language}` : "Código"),
  copyCode: "Copiar el código",
  insertEmoji: "Insertar emoji",
  allEmoji: "Todos los emojis",
  searchEmoji: "Buscar emoji",
  noEmoji: (query) => `No hay emojis para «${query}».`,
  emojiFound: "Resultados",
  emojiRecent: "Usados hace poco",
  emojiGroups: {
    0: "Caras",
    1: "Personas",
    3: "Animales y naturaleza",
    4: "Comida y bebida",
    5: "Viajes y lugares",
    6: "Actividades",
    7: "Objetos",
    8: "Símbolos",
    9: "Banderas",
  },
  skinTone: "Tono de piel",
  pin: "Fijar mensaje",
  unpin: "Dejar de fijar",
  pinned: "Fijado",
  copyMessageLink: "Copiar enlace al mensaje",
  messageLinkCopied: "Enlace copiado. Abre justo este mensaje.",
  showHistory: "Ver lo que decía antes",
  historyTitle: "Lo que decía antes",
  historyText: "Visible solo para ti y para quien creó la sala.",
  historyNow: "Ahora",
  historyNone: "No hay ningún texto anterior.",
  react: "Reaccionar",
  edit: "Editar mensaje",
  editing: "Edita tu mensaje",
  moreActions: "Más acciones",
  copyText: "Copiar texto",
  textCopied: "Texto copiado.",
  copyTextFailed: "El navegador no ha permitido copiar. Selecciona el texto tú.",
  delete: "Borrar mensaje",
  deleteTitle: "¿Borrar este mensaje?",
  deleteText: "Desaparece para todo el mundo. No se puede deshacer.",
  reaction: (emoji, n, mine) =>
    `${emoji}, ${count(n, { one: "# reacción", many: "# de reacciones", other: "# reacciones" })}${mine ? ", la tuya incluida" : ""}`,
  reactors: (names, more) =>
    list(
      more > 0
        ? [
            ...names,
            count(more, { one: "# persona más", many: "# de personas más", other: "# personas más" }),
          ]
        : names,
    ),
  readBy: (people) => `Leído por ${people}`,
  video: "Vídeo",
  openVideo: "Abrir el vídeo",
  showAll: (n) =>
    count(n, {
      one: "Mostrar # carácter",
      many: "Mostrar todo: # de caracteres",
      other: "Mostrar todo: # caracteres",
    }),
  typing: (names) =>
    names.length === 1
      ? `${names[0]} está escribiendo…`
      : names.length < 4
        ? `${list(names)} están escribiendo…`
        : "Varias personas están escribiendo…",
  someone: "Alguien",
  showPeople: "Ver quién está aquí",
  hidePeople: "Ocultar quién está aquí",
  people: "Personas",
  hereNow: (n) => `Aquí ahora · ${number(n)}`,
  away: (n) => `Fuera · ${number(n)}`,
  nobodyElse: "Ahora mismo no hay nadie más. Envíale a alguien el enlace de la sala.",
  announce: (name, text) => `${name}: ${text}`,
};
