/** A message as the checker compares it: the same from the database, from a page and from a client's state. */
export interface HistoryRow {
  readonly id: string;
  readonly seq: number;
  readonly updatedSeq: number;
  readonly author: string;
  /** Where the source tells it. */
  readonly clientId: string | null;
  readonly content: string;
  readonly isDeleted: boolean;
  /** Emoji and users, sorted. */
  readonly reactions: string;
}

/** Whether a participant was told that something was stored. */
export type Outcome =
  /** It was. */
  | "acknowledged"
  /** Nobody was told: it may be stored once, or not at all. */
  | "unknown"
  /** It was told that it never will be. */
  | "refused";

/** A message that somebody sent. Contents are unique over a run. */
export interface SentMessage {
  readonly room: string;
  readonly author: string;
  /** What keeps its order: one outbox, one socket, one row of requests. */
  readonly lane: string;
  readonly content: string;
  /** Under this name it is stored once whatever is repeated. */
  readonly clientId: string | null;
  outcome: Outcome;
  /** What the acknowledgement said. */
  stored: { readonly id: string; readonly seq: number } | null;
}

/** An edit, deletion or reaction that somebody asked for, in the order in which they were asked for. */
export interface AskedChange {
  readonly room: string;
  readonly messageId: string;
  readonly user: string;
  /** What it changes: two changes of the same thing overwrite each other. */
  readonly field: "content" | "deleted" | `reaction ${string}`;
  /** The new text; for the others `yes` or `no`. */
  readonly value: string;
  outcome: Outcome;
}

/** What one client shows of a room at the end. */
export interface View {
  readonly name: string;
  readonly room: string;
  /** The lowest number from which on it has loaded everything; 0 for all. */
  readonly from: number;
  readonly rows: readonly HistoryRow[];
  /** Names that it shows, by user id. */
  readonly names: ReadonlyMap<string, string>;
}

/** The numbers of messages that one socket without a cursor was told of, in the order of arrival. */
export interface LiveRun {
  readonly name: string;
  readonly room: string;
  readonly seqs: readonly number[];
}

/** A room as the database holds it. */
export interface StoredRoom {
  readonly room: string;
  readonly head: number;
  readonly rows: readonly HistoryRow[];
  /** Shown names of all users, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Something that must not be. */
export interface Violation {
  readonly rule:
    | "lost"
    | "duplicated"
    | "reordered"
    | "phantom"
    | "misnumbered"
    | "acknowledged wrongly"
    | "stale"
    | "view differs"
    | "frame out of order"
    | "frame missing"
    | "unreadable frame"
    | "refused"
    | "not contiguous in time"
    | "crash";
  readonly who: string;
  readonly detail: string;
}

/** All that is known at the end of a run. */
export interface RunRecord {
  readonly rooms: readonly StoredRoom[];
  readonly sent: readonly SentMessage[];
  readonly changes: readonly AskedChange[];
  readonly views: readonly View[];
  readonly live: readonly LiveRun[];
}
