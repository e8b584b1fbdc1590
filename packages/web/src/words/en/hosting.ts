/** What a room's host does: loaded with its dialogs, not with the first page. */
export const hosting = {
  deleteRoom: "Delete room",
  deleteHint: "Deletes the room for everybody, with all that was written in it.",
  deleteTitle: (room: string) => `Delete ${room}?`,
  deleteText: "All messages and files in it go, for everybody. Nobody can bring them back.",
  typeName: "Type the room’s name to confirm",
  wrongName: "That isn’t the name of the room.",
  deleted: (room: string) => `${room} was deleted.`,
  out: "Removed people",
  letIn: "Let back in",
  letInDone: (name: string) => `${name} can come back.`,
  remove: "Remove from room",
  removeTitle: (name: string, room: string) => `Remove ${name} from ${room}?`,
  removeText: "They are out at once and can’t come back until you let them. What they wrote stays.",
  removeDone: (name: string) => `${name} was removed.`,
};

/** What a translation has to supply. */
export type HostWords = typeof hosting;
