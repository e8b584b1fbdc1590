/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting = {
  deleteRoom: "Delete room",
  deleteHint: "For everybody in it, with all that was written there.",
  deleteTitle: (room: string) => `Delete ${room}?`,
  deleteText: "All messages and files in it go, for everybody. Nobody can bring them back.",
  typeName: "Type the room’s name to confirm",
  wrongName: "That isn’t the name of the room.",
  deleted: (room: string) => `${room} was deleted.`,
};

/** What a translation has to supply. */
export type HostWords = typeof hosting;
