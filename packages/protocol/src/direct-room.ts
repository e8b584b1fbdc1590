/** Whether a room is a private one of two people. A file of its own: clients ask it and load no schema for it. */
export function isDirectRoomId(roomId: string): boolean {
  return roomId.startsWith("dm:");
}
