import * as z from "zod/mini";

const ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** An id that clients may make themselves: letters, digits, `. _ : -`, up to 128 of them. */
export const Id = z.string().check(z.regex(ID, "must be 1 to 128 letters, digits or . _ : -"));

/** Whether a text may be an id of a user or a room. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** The name that `/ws/dm/{user}` takes; no room has it. */
export const RESERVED_ROOM_ID = "dm";

/** Whether a room is a private one of two people. */
export function isDirectRoomId(roomId: string): boolean {
  return roomId.startsWith("dm:");
}

/**
 * The id of the private room of two people: `dm:<lower id>:<higher id>`. It may be longer than an {@link Id} that a
 * client makes.
 */
export function directRoomId(a: string, b: string): string {
  return a < b ? `dm:${a}:${b}` : `dm:${b}:${a}`;
}

/** An id in the path of a room: a room's own, or that of a private room of two people. */
export const RoomId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._:-]{1,260}$/, "must be letters, digits or . _ : -"));

/** Chosen by the client, one a message: sending it again stores nothing again. */
export const ClientId = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,64}$/, "must be 1 to 64 visible ASCII characters"));
