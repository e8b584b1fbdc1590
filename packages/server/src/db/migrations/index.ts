import { sql as initial } from "./0001-initial.js";
import { sql as messageExtras } from "./0002-message-extras.js";
import { sql as filesAndReading } from "./0003-files-and-reading.js";
import { sql as search } from "./0004-search.js";
import { sql as calls } from "./0005-calls.js";
import { sql as recordings } from "./0006-recordings.js";
import { sql as searchFold } from "./0007-search-fold.js";
import { sql as appendByIndex } from "./0008-append-by-index.js";
import { sql as formerPresence } from "./0009-former-presence.js";
import { sql as firstRev } from "./0010-first-rev.js";
import { sql as goneRooms } from "./0011-gone-rooms.js";

/** One step of the schema. A step that was released never changes; the next change is a new step. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

/** All steps, in their order. */
export const migrations: readonly Migration[] = [
  { id: 1, name: "initial", sql: initial },
  { id: 2, name: "message-extras", sql: messageExtras },
  { id: 3, name: "files-and-reading", sql: filesAndReading },
  { id: 4, name: "search", sql: search },
  { id: 5, name: "calls", sql: calls },
  { id: 6, name: "recordings", sql: recordings },
  { id: 7, name: "search-fold", sql: searchFold },
  { id: 8, name: "append-by-index", sql: appendByIndex },
  { id: 9, name: "former-presence", sql: formerPresence },
  { id: 10, name: "first-rev", sql: firstRev },
  { id: 11, name: "gone-rooms", sql: goneRooms },
];
