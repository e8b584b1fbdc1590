/** Notifications of this device. */
export const notifications = {
  title: "Notifications",
  text: "For mentions and direct messages while you are elsewhere.",
  enable: "Turn on notifications",
  on: "Show notifications on this device",
  denied:
    "This browser doesn’t let Parlor notify you. Allow notifications for this site in the browser’s settings.",
  unsupported: "This browser can’t show notifications for this address. It takes one that begins with https.",
  offer: "Want to know when somebody answers you?",
  turnOn: "Turn on",
  notNow: "Not now",
  inRoom: (name: string, room: string) => `${name} in ${room}`,
};
