import { describe, expect, it } from "vitest";
import { check } from "../checker/check.js";
import type { AskedChange, HistoryRow, RunRecord, SentMessage, View } from "../checker/record.js";

const ROOM = "kitchen";
const ALICE = "alice";

function sent(number: number, more: Partial<SentMessage> = {}): SentMessage {
  return {
    room: ROOM,
    author: ALICE,
    lane: "alice's outbox",
    content: `text ${number}`,
    clientId: `c${number}`,
    outcome: "acknowledged",
    stored: { id: `m${number}`, seq: number },
    ...more,
  };
}

function row(number: number, more: Partial<HistoryRow> = {}): HistoryRow {
  return {
    id: `m${number}`,
    seq: number,
    updatedSeq: number,
    author: ALICE,
    clientId: `c${number}`,
    content: `text ${number}`,
    isDeleted: false,
    reactions: "",
    ...more,
  };
}

function change(more: Partial<AskedChange>): AskedChange {
  const edit = { field: "content", value: "new", outcome: "acknowledged" } as const;
  return { room: ROOM, messageId: "m1", user: ALICE, ...edit, ...more };
}

function view(rows: readonly HistoryRow[], more: Partial<View> = {}): View {
  return { name: "bob", room: ROOM, from: 0, rows, names: new Map([[ALICE, "Alice"]]), ...more };
}

/** A room in which three messages were sent and stored, and what a test makes of it. */
function record(rows: readonly HistoryRow[], more: Partial<RunRecord> = {}): RunRecord {
  const head = Math.max(0, ...rows.map(({ updatedSeq }) => updatedSeq));
  return {
    rooms: [{ room: ROOM, head, rows, names: new Map([[ALICE, "Alice"]]) }],
    sent: [sent(1), sent(2), sent(3)],
    changes: [],
    views: [view(rows)],
    live: [],
    ...more,
  };
}

const good = [row(1), row(2), row(3)];
const rules = (run: RunRecord) => check(run).map(({ rule }) => rule);

describe("[REL2] the checker of histories", () => {
  it("finds nothing in a true history", () => {
    const live = [{ name: "raw", room: ROOM, seqs: [1, 2, 3] }];
    expect(check(record(good, { live }))).toEqual([]);
  });

  it("names a message that was acknowledged and is lost", () => {
    expect(check(record([row(1), row(3)]))).toEqual([
      { rule: "lost", who: "kitchen alice's outbox", detail: "c2 was acknowledged as 2" },
    ]);
  });

  it("lets a message be absent whose fate nobody was told", () => {
    const open = sent(2, { outcome: "unknown", stored: null });
    expect(check(record([row(1), row(3)], { sent: [sent(1), open, sent(3)] }))).toEqual([]);
  });

  it("names a message that is stored twice, with its name or without", () => {
    const copy = row(4, { clientId: "c2", content: "text 2" });
    expect(rules(record([...good, copy]))).toEqual(["duplicated"]);
    const nameless = row(4, { clientId: null, content: "text 2" });
    expect(rules(record([...good, nameless]))).toEqual(["duplicated"]);
  });

  it("names messages of one sender that changed places", () => {
    const swapped = [row(1), row(2, { id: "m3", clientId: "c3", content: "text 3" })];
    const rows = [...swapped, row(3, { id: "m2", clientId: "c2", content: "text 2" })];
    const told = [sent(1), sent(2, { stored: null }), sent(3, { stored: null })];
    expect(check(record(rows, { sent: told }))).toEqual([
      {
        rule: "reordered",
        who: "kitchen alice's outbox",
        detail: "c3 is 2, and c2, sent before it, is 3",
      },
    ]);
  });

  it("asks no order between senders", () => {
    const told = [sent(2, { lane: "another" }), sent(1), sent(3)];
    expect(check(record(good, { sent: told }))).toEqual([]);
  });

  it("names what nobody sent, another's name on it, and a text nobody wrote", () => {
    expect(rules(record([...good, row(4)]))).toEqual(["phantom"]);
    const foreign = [row(1), row(2), row(3, { author: "mallory" })];
    expect(rules(record(foreign, { views: [] }))).toContain("phantom");
    expect(rules(record([row(1, { content: "other" }), row(2), row(3)]))).toEqual(["phantom"]);
  });

  it("names an acknowledgement that told another number, and a refusal of what is stored", () => {
    const other = sent(2, { stored: { id: "m2", seq: 9 } });
    expect(rules(record(good, { sent: [sent(1), other, sent(3)] }))).toEqual(["acknowledged wrongly"]);
    const refused = sent(2, { outcome: "refused", stored: null });
    expect(rules(record(good, { sent: [sent(1), refused, sent(3)] }))).toEqual(["acknowledged wrongly"]);
  });

  it("names numbers that are used twice, lie beyond the head or are missing at it", () => {
    const twice = [row(1), row(2, { updatedSeq: 3 }), row(3)];
    expect(rules(record(twice))).toContain("misnumbered");
    const stored = { room: ROOM, rows: good, names: new Map([[ALICE, "Alice"]]) };
    expect(rules(record(good, { rooms: [{ ...stored, head: 2 }] }))).toContain("misnumbered");
    expect(rules(record(good, { rooms: [{ ...stored, head: 4 }] }))).toEqual(["misnumbered"]);
  });
});

describe("[REL5] the checker of changes", () => {
  const edited = [row(1, { content: "new", updatedSeq: 4 }), row(2), row(3)];

  it("takes the newest acknowledged change", () => {
    expect(check(record(edited, { changes: [change({ value: "old" }), change({})] }))).toEqual([]);
  });

  it("names an edit, a deletion and a reaction that were acknowledged and are not there", () => {
    const newer = change({ value: "newest" });
    expect(rules(record(edited, { changes: [change({}), newer] }))).toEqual(["stale"]);
    expect(rules(record(good, { changes: [change({ field: "deleted", value: "yes" })] }))).toEqual(["stale"]);
    const reaction = change({ field: "reaction 👍", value: "yes" });
    expect(rules(record(good, { changes: [reaction] }))).toEqual(["stale"]);
    const reacted = [row(1, { reactions: "👍 alice" }), row(2), row(3)];
    expect(rules(record(reacted, { changes: [reaction] }))).toEqual([]);
  });

  it("lets a change hold whose fate nobody was told", () => {
    const open = change({ value: "new", outcome: "unknown" });
    expect(check(record(edited, { changes: [change({ value: "old" }), open] }))).toEqual([]);
  });
});

describe("[REL10] the checker of views", () => {
  it.each([
    ["a missing message", [row(1), row(3)], "2 is missing"],
    ["a message that is not stored", [...good, row(4)], "4 is shown and not stored"],
    ["a message in the wrong place", [row(2), row(1), row(3)], "1 stands after 2"],
    ["a message shown twice", [row(1), row(2), row(2), row(3)], "2 stands after 2"],
    ["an old text", [row(1, { content: "old" }), row(2), row(3)], "content of 1"],
    ["a deletion that did not arrive", [row(1, { isDeleted: true }), row(2), row(3)], "1 is not deleted"],
    ["a reaction that is not there", [row(1, { reactions: "👍 bob" }), row(2), row(3)], "reactions of 1"],
  ])("names %s", (_, shown, words) => {
    const [first] = check(record(good, { views: [view(shown)] }));
    expect(first?.rule).toBe("view differs");
    expect(first?.detail).toContain(words);
  });

  it("names an old name", () => {
    const names = new Map([[ALICE, "Alicia"]]);
    expect(rules(record(good, { views: [view(good, { names })] }))).toEqual(["view differs"]);
  });

  it("lets a window begin where it has loaded from, and leave tombstones out", () => {
    const rows = [row(1), row(2), row(3, { isDeleted: true, content: "" })];
    const shown = view([row(2)], { from: 2 });
    const changes = [change({ messageId: "m3", field: "deleted", value: "yes" })];
    expect(check(record(rows, { views: [shown], changes }))).toEqual([]);
  });
});

describe("[REL2] the checker of live frames", () => {
  it.each([
    ["a frame told twice", [1, 2, 2, 3], "frame out of order"],
    ["frames that changed places", [1, 3, 2], "frame out of order"],
    ["a frame that is left out", [1, 3], "frame missing"],
    ["a frame of what is not stored", [1, 2, 3, 4], "phantom"],
  ])("names %s", (_, seqs, rule) => {
    expect(rules(record(good, { live: [{ name: "raw", room: ROOM, seqs }] }))).toContain(rule);
  });
});
