import type { Words } from "../en.js";
import { count, number, percent } from "./grammar.js";

const inFiles = (n: number) => count(n, { one: "# archivo", many: "# de archivos", other: "# archivos" });

/** Attachments, the picture viewer, voice messages. */
export const files: Words["files"] = {
  attach: "Adjuntar archivos",
  limits: (size, n) => `${size} por archivo y ${inFiles(n)} por mensaje como máximo.`,
  dropHere: "Suelta para adjuntar",
  tray: "Archivos adjuntos",
  waiting: "Esperando su turno",
  sent: (sent, total) => `${sent} de ${total}`,
  progress: (name) => `Subiendo ${name}`,
  goesOn: "La subida continúa mientras visitas otras salas. Si recargas esta página, se detiene.",
  held: "Quédate aquí: sale en cuanto termine la subida. Cambia el texto o vuelve a pulsar enviar para detenerlo.",
  sendHeld: "No enviar todavía",
  cancel: (name) => `Cancelar la subida de ${name}`,
  remove: (name) => `Quitar ${name}`,
  retry: (name) => `Volver a subir ${name}`,
  uploaded: (name) => `${name} ya está subido.`,
  notUploaded: (name) => `${name} no se ha subido.`,
  failedInWay: "Un archivo no se ha subido. Inténtalo de nuevo o quítalo, y luego envía.",
  gone: "Los archivos de este mensaje ya no están en el servidor. Adjúntalos de nuevo.",
  empty: (name) => `${name} está vacío o es una carpeta. Elige un archivo.`,
  tooLarge: (name, size, most) => `${name} ocupa ${size}; este servidor admite ${most} como máximo.`,
  tooMany: (most, over) =>
    `En un mensaje caben ${inFiles(most)}. ${count(over, {
      one: "Se ha quedado fuera #; envíalo",
      many: "Se han quedado fuera #; envíalos",
      other: "Se han quedado fuera #; envíalos",
    })} con el siguiente.`,
  count: inFiles,
  download: (name, size) => `Descargar ${name}, ${size}`,
  view: (name) => `Ver ${name}`,
  notLoaded: "No se ha podido cargar.",
  cannotPlay: "Este navegador no puede reproducirlo",
  viewer: "Visor de imágenes",
  viewerKeys:
    "Imagen. Más y menos la acercan y la alejan, 0 la ajusta; las flechas mueven una imagen ampliada o, si no, pasan a otra.",
  zoomIn: "Acercar",
  zoomOut: "Alejar",
  fit: "Ajustar a la ventana",
  percent,
  previous: "Imagen anterior",
  next: "Imagen siguiente",
  nth: (n, total) => `${number(n)} de ${number(total)}`,
  voice: "Mensaje de voz",
  record: "Grabar un mensaje de voz",
  recorder: "Mensaje de voz",
  asking: "Permite el micrófono…",
  longest: (minutes) =>
    `Hasta ${count(minutes, { one: "# minuto", many: "# de minutos", other: "# minutos" })}`,
  holdHint: "Suelta para terminar, desliza para descartar",
  stop: "Terminar la grabación",
  discard: "Descartar la grabación",
  sendVoice: "Enviar mensaje de voz",
  microphoneDenied:
    "Esta página no puede usar el micrófono. Permítelo para este sitio en los ajustes del navegador e inténtalo de nuevo.",
  microphoneMissing: "No hay ningún micrófono. Conecta uno e inténtalo de nuevo.",
  microphoneBusy: "El micrófono no ha dado sonido. Puede que lo esté usando otro programa.",
  play: "Reproducir",
  pause: "Pausar",
  position: "Posición",
  positionOf: (at, total) => `${at} de ${total}`,
  speed: (rate) => `Velocidad ${number(rate)}×`,
};
