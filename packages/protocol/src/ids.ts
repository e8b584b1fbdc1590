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

/**
 * An id in the path of a room: an {@link Id}, or that of a private room of two people from when those were made of both
 * ids, however long.
 */
export const RoomId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._:-]{1,260}$/, "must be letters, digits or . _ : -"));

/**
 * Chosen by the client, one a message: sending it again stores nothing again. Any text; what PostgreSQL cannot hold is
 * refused, since a replacement would make one of two different ids.
 */
export const ClientId = z
  .string()
  .check(
    z.regex(
      /^[^\0\p{Surrogate}]{1,64}$/u,
      "must be 1 to 64 characters without NUL and without halves of surrogate pairs",
    ),
  );

/** A {@link ClientId} that a header can carry. */
export const IdempotencyKey = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,64}$/, "must be 1 to 64 visible ASCII characters"));
