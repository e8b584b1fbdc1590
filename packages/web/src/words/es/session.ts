import type { Words } from "../en.js";

/** Coming in: welcome, log in, sign up, a session that ended. */
export const session: Words["session"] = {
  welcomeTitle: "Adelante.",
  welcomeText: "Elige un nombre y empieza a hablar. No hace falta una cuenta.",
  invitedTitle: (room) => `Te han invitado a ${room}`,
  invitedText: "Elige un nombre para unirte a la conversación. No hace falta una cuenta.",
  yourName: "Tu nombre",
  namePlaceholder: "¿Cómo quieres que te llamen?",
  continueAsGuest: "Continuar",
  haveAccount: "¿Tienes cuenta?",
  noAccount: "¿Es tu primera vez?",
  logIn: "Iniciar sesión",
  signUp: "Crear cuenta",
  asGuest: "Continuar sin cuenta",
  loginTitle: "Hola de nuevo",
  loginText: "Inicia sesión con el nombre y la contraseña de tu cuenta.",
  signupTitle: "Crea una cuenta",
  signupText: "Con una cuenta, tu nombre es solo tuyo en todos tus dispositivos.",
  username: "Nombre de usuario",
  password: "Contraseña",
  passwordHint: "Al menos 8 caracteres.",
  email: "Correo electrónico",
  emailHint: "Solo para enviarte un enlace de acceso. Nadie más lo ve.",
  createAccount: "Crear cuenta",
  useLink: "Prefiero un enlace de acceso por correo",
  usePassword: "Prefiero usar mi contraseña",
  sendLink: "Enviar el enlace",
  linkSentTitle: "Mira tu correo",
  linkSentText: (email) =>
    `Si ${email} pertenece a una cuenta, el enlace de acceso está en camino. Sirve durante 15 minutos.`,
  verifying: "Iniciando sesión…",
  verifyFailed: "Ese enlace no ha funcionado",
  newLink: "Pedir otro enlace",
  expiredTitle: (name) => `Vuelve a iniciar sesión, ${name}`,
  expiredText: "Tu sesión ha terminado. Lo que estabas escribiendo sigue aquí.",
  foreignTitle: "Este nombre se ha mudado",
  foreignText: (name) =>
    `«${name}» se usa ahora en otro navegador, así que este ya no puede hablar en su nombre. Lo que estabas escribiendo sigue aquí.`,
  newGuest: "Elegir otro nombre",
  unsentText: (name) =>
    `Solo ${name} puede enviar esto. Saldrá al iniciar sesión; con un nombre nuevo se pierde, así que copia lo que necesites.`,
  unreachableTitle: "No se puede conectar con el servidor",
  unreachableText:
    "Puede que se esté reiniciando o que no tengas conexión. Esta página lo sigue intentando sola.",
  tagline: ["Tus salas,", "en tu propio servidor."],
  taglineText: "Mensajes que se quedan. Caras que se quedan.",
};
