import type { HistoryRow, StoredRoom, View, Violation } from "./record.js";

/** Differences of one view that are told one by one; the rest is counted. */
const TOLD = 5;

/** What a client shows is the history: content, order, edits, deletions, reactions, and the names of now. */
export function checkView(stored: StoredRoom, view: View): Violation[] {
  const broken = [...orderOf(view.rows), ...differences(stored, view), ...namesOf(stored, view)];
  const rest = broken.length - TOLD;
  const told = rest > 0 ? [...broken.slice(0, TOLD), `and ${rest} more`] : broken;
  return told.map((detail) => ({ rule: "view differs", who: `${view.room} ${view.name}`, detail }));
}

function orderOf(rows: readonly HistoryRow[]): string[] {
  return rows.flatMap(({ seq }, index) => {
    const before = rows[index - 1]?.seq ?? 0;
    return seq > before ? [] : [`${seq} stands after ${before}`];
  });
}

function differences(stored: StoredRoom, view: View): string[] {
  const shown = new Map(view.rows.map((row) => [row.id, row]));
  const found: string[] = [];
  for (const row of stored.rows) {
    const other = shown.get(row.id);
    shown.delete(row.id);
    if (!other) {
      // A tombstone is shown only to those who saw the message.
      if (row.seq >= view.from && !row.isDeleted) found.push(`${row.seq} is missing`);
    } else {
      found.push(...fieldsOf(row, other));
    }
  }
  for (const { seq } of shown.values()) found.push(`${seq} is shown and not stored`);
  return found;
}

function fieldsOf(row: HistoryRow, other: HistoryRow): string[] {
  if (row.isDeleted !== other.isDeleted) return [`${row.seq} is ${row.isDeleted ? "" : "not "}deleted`];
  const fields = ["seq", "author", "content", "reactions"] as const;
  // The deletion is shown at once with its answer; only who got it from the log knows its number.
  const compared = row.isDeleted ? fields : ([...fields, "updatedSeq"] as const);
  return compared.flatMap((field) =>
    row[field] === other[field]
      ? []
      : [`${field} of ${row.seq} is shown as ${text(other[field])} and stored as ${text(row[field])}`],
  );
}

function namesOf(stored: StoredRoom, view: View): string[] {
  const authors = new Set(view.rows.map(({ author }) => author));
  return [...authors].flatMap((author) => {
    const [shown, now] = [view.names.get(author), stored.names.get(author)];
    return shown === now ? [] : [`${author} is shown as ${shown} and is called ${now}`];
  });
}

function text(value: string | number): string {
  return JSON.stringify(typeof value === "string" ? value.slice(0, 60) : value);
}
