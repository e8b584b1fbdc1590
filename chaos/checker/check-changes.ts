import type { AskedChange, HistoryRow, StoredRoom, Violation } from "./record.js";

/**
 * The newest acknowledged change of each thing holds, unless one whose fate nobody knows may have come after it. An
 * older acknowledged value in its place is a stale one.
 */
export function checkChanges({ room, rows }: StoredRoom, changes: readonly AskedChange[]): Violation[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const groups = new Map<string, AskedChange[]>();
  for (const change of changes) {
    if (change.outcome === "refused") continue;
    const key = `${change.messageId} ${change.field} ${change.field === "content" ? "" : change.user}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const row = first && byId.get(first.messageId);
    // A message that was acknowledged and is gone is found by another check.
    if (!first || !row || (row.isDeleted && first.field !== "deleted")) return [];
    const newest = group.findLast(({ outcome }) => outcome === "acknowledged");
    if (!newest) return [];
    const allowed = new Set(
      [newest, ...group.filter(({ outcome }) => outcome === "unknown")].map(({ value }) => value),
    );
    const value = shownValue(row, first);
    if (allowed.has(value)) return [];
    const detail = `${first.field} of ${row.seq} is ${value.slice(0, 40)}, acknowledged was ${newest.value.slice(0, 40)}`;
    return [{ rule: "stale", who: `${room} ${first.user}`, detail }];
  });
}

function shownValue(row: HistoryRow, { field, user }: AskedChange): string {
  if (field === "content") return row.content;
  if (field === "deleted") return row.isDeleted ? "yes" : "no";
  const emoji = field.slice("reaction ".length);
  return row.reactions.split("\n").includes(`${emoji} ${user}`) ? "yes" : "no";
}
