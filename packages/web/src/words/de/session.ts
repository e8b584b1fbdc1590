import type { Words } from "../en.js";

/** Coming in: welcome, log in, sign up, a session that ended. */
export const session: Words["session"] = {
  welcomeTitle: "Komm rein.",
  welcomeText: "Such dir einen Namen aus und leg los. Ein Konto brauchst du nicht.",
  invitedTitle: (room) => `Du bist in „${room}“ eingeladen`,
  invitedText: "Such dir einen Namen aus und rede mit. Ein Konto brauchst du nicht.",
  yourName: "Dein Name",
  namePlaceholder: "Wie sollen dich alle nennen?",
  continueAsGuest: "Weiter",
  haveAccount: "Hast du ein Konto?",
  noAccount: "Neu hier?",
  logIn: "Anmelden",
  signUp: "Registrieren",
  asGuest: "Als Gast weiter",
  loginTitle: "Schön, dass du wieder da bist",
  loginText: "Melde dich mit Name und Passwort deines Kontos an.",
  signupTitle: "Konto anlegen",
  signupText: "Mit einem Konto bleibt dein Name deiner, auf jedem Gerät.",
  username: "Name",
  password: "Passwort",
  passwordHint: "Mindestens 8 Zeichen.",
  email: "E-Mail",
  emailHint: "Nur, um dir einen Anmeldelink zu schicken. Sonst sieht sie niemand.",
  createAccount: "Konto anlegen",
  useLink: "Lieber einen Anmeldelink per E-Mail",
  usePassword: "Lieber mit meinem Passwort",
  sendLink: "Link schicken",
  linkSentTitle: "Schau in deine E-Mails",
  linkSentText: (email) =>
    `Wenn ${email} zu einem Konto gehört, ist ein Anmeldelink unterwegs. Er gilt 15 Minuten.`,
  verifying: "Du wirst angemeldet…",
  verifyFailed: "Der Link hat nicht funktioniert",
  newLink: "Neuen Link anfordern",
  expiredTitle: (name) => `Melde dich noch einmal an, ${name}`,
  expiredText: "Deine Sitzung ist zu Ende. Was du gerade geschrieben hast, ist noch da.",
  foreignTitle: "Dieser Name ist umgezogen",
  foreignText: (name) =>
    `„${name}“ wird jetzt in einem anderen Browser benutzt, darum kann dieser hier nicht mehr für den Namen sprechen. Was du gerade geschrieben hast, ist noch da.`,
  newGuest: "Neuen Namen wählen",
  unsentText: (name) =>
    `Nur ${name} kann das senden. Nach der Anmeldung geht es raus; mit einem neuen Namen geht es verloren. Kopiere, was du brauchst.`,
  unreachableTitle: "Der Server ist nicht erreichbar",
  unreachableText:
    "Vielleicht startet er gerade neu, oder deine Verbindung ist weg. Diese Seite versucht es von selbst weiter.",
  tagline: ["Deine Räume,", "auf deinem Server."],
  taglineText: "Nachrichten, die bleiben. Gesichter, die bleiben.",
};
