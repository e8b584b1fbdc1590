import type { Words } from "../en.js";

/** Words of no feature: what every dialog and page has. */
export const common: Words["common"] = {
  appName: "Parlor",
  optional: "opcional",
  cancel: "Cancelar",
  close: "Cerrar",
  save: "Guardar",
  back: "Volver a las salas",
  retry: "Intentar de nuevo",
  dismiss: "Descartar",
  loading: "Cargando…",
  showPassword: "Mostrar la contraseña",
  hidePassword: "Ocultar la contraseña",
  noPageTitle: "Aquí no hay nada",
  noPageText: "Esta dirección no lleva a ninguna parte. Puede que el enlace esté incompleto.",
};
