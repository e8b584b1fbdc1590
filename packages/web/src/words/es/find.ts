import type { Words } from "../en.js";

/** Search, pins, mentions, dates and exports. */
export const find: Words["find"] = {
  menu: "Menú de la sala",
  search: "Buscar mensajes",
  placeholder: "Buscar mensajes…",
  inRoom: "Esta sala",
  everywhere: "Todas las salas",
  where: "Dónde buscar",
  start: "Palabras en cualquier orden. Las «comillas» buscan una frase; un signo menos descarta una palabra.",
  none: (query) => `No se ha encontrado nada para «${query}».`,
  partial: "Ha tardado mucho; puede que haya más. Acota la búsqueda para verlo.",
  more: "Mostrar más",
  results: "Resultados",
  failed: "No se ha podido cargar.",
  pins: "Mensajes fijados",
  pinsNone: "Todavía no hay nada fijado",
  pinsNoneText: "Fija lo que quieras tener a mano: en el menú del mensaje está «Fijar mensaje».",
  mentions: "Menciones a ti",
  mentionsNone: "Todavía nadie te ha mencionado",
  mentionsNoneText: "Cuando alguien escriba @ y tu nombre, aparecerá aquí.",
  date: "Ir a una fecha",
  dateText: "Muestra el primer mensaje de ese día.",
  day: "Día",
  go: "Ir",
  exportPage: "Guardar como página (HTML)",
  exportJson: "Guardar como datos (JSON)",
};
