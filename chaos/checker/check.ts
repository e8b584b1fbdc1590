import { checkChanges } from "./check-changes.js";
import { checkView } from "./check-view.js";
import type { HistoryRow, LiveRun, RunRecord, SentMessage, StoredRoom, Violation } from "./record.js";

/** Proves the promises on what is known of a run; answers what breaks them, each by name. */
export function check(record: RunRecord): Violation[] {
  return record.rooms.flatMap((stored) => {
    const { room } = stored;
    const sent = record.sent.filter((message) => message.room === room);
    return [
      ...checkNumbers(stored),
      ...checkSent(stored, sent),
      ...checkOrder(stored, sent),
      ...checkPhantoms(stored, sent, record),
      ...checkChanges(
        stored,
        record.changes.filter((change) => change.room === room),
      ),
      ...record.views.filter((view) => view.room === room).flatMap((view) => checkView(stored, view)),
      ...record.live.filter((run) => run.room === room).flatMap((run) => checkLive(stored, run)),
    ];
  });
}

/** Each number of a room is one creation or one change, and none is beyond the head. */
function checkNumbers({ room, head, rows }: StoredRoom): Violation[] {
  const owners = new Map<number, string>();
  const broken: Violation[] = [];
  const claim = (number: number, id: string) => {
    const owner = owners.get(number);
    if (owner !== undefined && owner !== id)
      broken.push(misnumbered(room, `${number} is both ${owner} and ${id}`));
    if (number > head || number < 1)
      broken.push(misnumbered(room, `${id} has ${number}, the head is ${head}`));
    owners.set(number, id);
  };
  for (const { id, seq, updatedSeq } of rows) {
    claim(seq, id);
    claim(updatedSeq, id);
    if (updatedSeq < seq)
      broken.push(misnumbered(room, `${id} changed as ${updatedSeq} before it was made as ${seq}`));
  }
  const newest = Math.max(0, ...owners.keys());
  if (newest !== head) broken.push(misnumbered(room, `the newest number is ${newest}, the head is ${head}`));
  return broken;
}

/** Each message that was acknowledged is there once, as the acknowledgement said; the others at most once. */
function checkSent({ room, rows }: StoredRoom, sent: readonly SentMessage[]): Violation[] {
  const find = finder(rows);
  return sent.flatMap((message) => {
    const found = find(message);
    const who = `${room} ${message.lane}`;
    const name = message.clientId ?? message.content.slice(0, 40);
    const broken: Violation[] = [];
    const [only] = found;
    if (found.length > 1) broken.push({ rule: "duplicated", who, detail: `${name} as ${seqsOf(found)}` });
    if (message.outcome === "acknowledged" && !only) {
      broken.push({
        rule: "lost",
        who,
        detail: `${name} was acknowledged as ${message.stored?.seq ?? "stored"}`,
      });
    }
    if (message.outcome === "refused" && only) {
      broken.push({ rule: "acknowledged wrongly", who, detail: `${name} was refused and is ${only.seq}` });
    }
    if (message.stored && only && (only.id !== message.stored.id || only.seq !== message.stored.seq)) {
      broken.push({
        rule: "acknowledged wrongly",
        who,
        detail: `${name} was acknowledged as ${message.stored.seq} and is ${only.seq}`,
      });
    }
    return broken;
  });
}

/** What one sender sent one after the other has rising numbers. */
function checkOrder({ room, rows }: StoredRoom, sent: readonly SentMessage[]): Violation[] {
  const find = finder(rows);
  const newest = new Map<string, { seq: number; name: string }>();
  const broken: Violation[] = [];
  for (const message of sent) {
    const seq = find(message)[0]?.seq;
    if (seq === undefined) continue;
    const name = message.clientId ?? message.content.slice(0, 40);
    const before = newest.get(message.lane);
    if (before && before.seq > seq) {
      const detail = `${name} is ${seq}, and ${before.name}, sent before it, is ${before.seq}`;
      broken.push({ rule: "reordered", who: `${room} ${message.lane}`, detail });
    } else {
      newest.set(message.lane, { seq, name });
    }
  }
  return broken;
}

/** Nothing is in the history that nobody sent, under an author who did not send it, or with a text nobody wrote. */
function checkPhantoms(
  { room, rows }: StoredRoom,
  sent: readonly SentMessage[],
  record: RunRecord,
): Violation[] {
  const byName = new Map(sent.map((message) => [nameOf(message.author, message.clientId), message]));
  const byContent = new Map(sent.map((message) => [message.content, message]));
  const edits = new Set(
    record.changes
      .filter(({ field }) => field === "content")
      .map(({ messageId, value }) => `${messageId} ${value}`),
  );
  return rows.flatMap((row) => {
    const message =
      row.clientId === null ? byContent.get(row.content) : byName.get(nameOf(row.author, row.clientId));
    const detail = `${row.seq} of ${row.author}: ${row.content.slice(0, 40)}`;
    if (!message || message.author !== row.author) return [{ rule: "phantom" as const, who: room, detail }];
    const isOwnText =
      row.isDeleted || row.content === message.content || edits.has(`${row.id} ${row.content}`);
    return isOwnText
      ? []
      : [{ rule: "phantom" as const, who: room, detail: `nobody wrote this text: ${detail}` }];
  });
}

/** A socket without a cursor is told each message once, in order, and none is left out while it lasts. */
function checkLive({ rows }: StoredRoom, { name, room, seqs }: LiveRun): Violation[] {
  const who = `${room} ${name}`;
  const [first, last] = [seqs[0] ?? 0, seqs.at(-1) ?? 0];
  const told = new Set(seqs);
  const made = new Set(rows.map(({ seq }) => seq));
  const broken: Violation[] = [];
  for (const [index, seq] of seqs.entries()) {
    const before = seqs[index - 1] ?? 0;
    if (seq <= before)
      broken.push({ rule: "frame out of order", who, detail: `${seq} came after ${before}` });
    if (!made.has(seq))
      broken.push({ rule: "phantom", who, detail: `${seq} was shown live and is not stored` });
  }
  for (const { seq } of rows) {
    if (seq > first && seq < last && !told.has(seq)) {
      broken.push({ rule: "frame missing", who, detail: `${seq} between ${first} and ${last}` });
    }
  }
  return broken;
}

/** Finds the rows of a sent message: by its name, or by its text where it has none. */
function finder(rows: readonly HistoryRow[]): (message: SentMessage) => readonly HistoryRow[] {
  const byName = group(
    rows.filter(({ clientId }) => clientId !== null),
    ({ author, clientId }) => nameOf(author, clientId),
  );
  const byContent = group(rows, ({ content }) => content);
  return ({ author, clientId, content }) => {
    const named = clientId === null ? undefined : byName.get(nameOf(author, clientId));
    // A copy that lost its name would hide behind the one that kept it.
    const same = byContent.get(content) ?? [];
    return [...new Set([...(named ?? []), ...same])];
  };
}

function group(rows: readonly HistoryRow[], keyOf: (row: HistoryRow) => string): Map<string, HistoryRow[]> {
  const groups = new Map<string, HistoryRow[]>();
  for (const row of rows) {
    const known = groups.get(keyOf(row));
    if (known) known.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

function nameOf(author: string, clientId: string | null): string {
  return `${author} ${clientId}`;
}

function seqsOf(rows: readonly HistoryRow[]): string {
  return rows.map(({ seq }) => seq).join(", ");
}

function misnumbered(who: string, detail: string): Violation {
  return { rule: "misnumbered", who, detail };
}
