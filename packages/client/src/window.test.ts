import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acts, ascending, createLog, NOW, post, seen } from "../test/support/room-log.js";
import { emptyModel, type RoomModel, WINDOW_LIMIT } from "./model.js";
import { applyFrame, applyMessages } from "./state.js";
import {
  applyFreshPage,
  applyNewerPage,
  applyOlderPage,
  applyWindow,
  beginPage,
  endPage,
  endsOfAround,
  goesOn,
} from "./window.js";

type Log = ReturnType<typeof createLog>;
type Step =
  | { readonly kind: "frames"; readonly count: number }
  | {
      readonly kind: "older" | "newer" | "jump" | "latest" | "lost";
      /** How many frames come before the server reads the page, and between that and its arrival. */
      readonly before: number;
      readonly during: number;
      readonly pick: number;
      readonly limit: number;
    };

const small = fc.nat(6);
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("frames" as const), count: small }),
    fc.record({
      kind: fc.constantFrom(
        "older" as const,
        "newer" as const,
        "newer" as const,
        "jump" as const,
        "latest" as const,
        "lost" as const,
      ),
      before: small,
      during: small,
      pick: fc.nat(),
      limit: fc.integer({ min: 2, max: 12 }),
    }),
  ),
  { maxLength: 30 },
);

/** A reader of a log whose frames come when the test says so. */
function createReader(log: Log) {
  let model: RoomModel = applyFreshPage(emptyModel("lobby", "me"), log.newest(0, 5));
  let delivered = 0;
  const deliver = (count: number) => {
    for (const frame of log.frames.slice(delivered, delivered + count)) model = applyFrame(model, frame, NOW);
    delivered = Math.min(log.frames.length, delivered + count);
  };
  function page(step: Exclude<Step, { kind: "frames" }>) {
    const { kind, limit } = step;
    const [first, last] = [model.messages[0]?.seq ?? 0, model.messages.at(-1)?.seq ?? 0];
    if (kind === "older" && !model.hasOlder) return;
    if ((kind === "newer" || kind === "latest") && !model.hasNewer) return;
    model = beginPage(model);
    deliver(step.before);
    // The server may know more than what has come through, never less.
    const head = Math.min(log.head, delivered + step.during);
    const around = 1 + (step.pick % Math.max(1, log.head));
    const older = log.before(head, first, limit);
    const newer = log.from(head, last + 1, limit);
    const jump = log.around(head, around, limit);
    const latest = log.newest(head, limit);
    deliver(step.pick % 2 ? step.during * 2 : 0);
    if (kind === "older") model = applyOlderPage(model, older);
    else if (kind === "newer") model = applyNewerPage(model, newer);
    else if (kind === "jump") {
      model = applyWindow(model, { ...jump, ...endsOfAround(jump.messages, around) });
    } else if (kind === "latest") {
      const hasOlder = goesOn(latest.messages);
      model = applyWindow(model, { ...latest, hasOlder, hasNewer: false });
    } else model = endPage(model);
  }
  return {
    get model() {
      return model;
    },
    get delivered() {
      return delivered;
    },
    deliver,
    page,
  };
}

/** Numbers of living messages that a window should show and does not. */
function holes(model: RoomModel, log: Log, delivered: number): number[] {
  const shown = new Set(model.messages.map(({ seq }) => seq));
  const floor = model.hasOlder ? (model.messages[0]?.seq ?? Number.POSITIVE_INFINITY) : 0;
  const ceiling = model.hasNewer ? (model.messages.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
  // A page may know of a deletion before its frame comes.
  const gone = new Set(log.stateAt(log.head).flatMap(({ seq, deleted_at }) => (deleted_at ? [seq] : [])));
  return log
    .stateAt(delivered)
    .filter(({ seq }) => !gone.has(seq))
    .filter(({ seq, deleted_at }) => deleted_at === null && seq >= floor && seq <= ceiling && !shown.has(seq))
    .map(({ seq }) => seq);
}

describe("the loaded window", () => {
  test("[CLI1] pages, jumps and frames in any order never leave a hole, and end equal to the history", () => {
    fc.assert(
      fc.property(acts, steps, (happened, wishes) => {
        const log = createLog(happened);
        const reader = createReader(log);
        for (const step of wishes) {
          if (step.kind === "frames") reader.deliver(step.count);
          else reader.page(step);
          expect(holes(reader.model, log, reader.delivered)).toEqual([]);
          expect(ascending(reader.model)).toBe(true);
        }
        reader.deliver(log.frames.length);
        const [first, last] = [reader.model.messages[0]?.seq ?? 0, reader.model.messages.at(-1)?.seq ?? 0];
        const { hasOlder, hasNewer } = reader.model;
        const history = log
          .stateAt(log.head)
          .filter(({ seq }) => (!hasOlder || seq >= first) && (!hasNewer || seq <= last))
          .filter(({ deleted_at }) => deleted_at === null);
        expect(seen(reader.model)).toEqual(history.map(({ seq, content }) => `${seq}:${content}`));
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  test("[CLI1] going down from a jump meets the live end, and what arrived meanwhile is there", () => {
    const log = createLog(Array.from({ length: 100 }, () => ({ kind: "post" as const, pick: 0 })));
    let model = applyFreshPage(emptyModel("lobby", "me"), log.newest(60, 10));
    const jump = log.around(60, 20, 10);
    model = applyWindow(model, { ...jump, ...endsOfAround(jump.messages, 20) });
    expect(model.messages.map(({ seq }) => seq)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    for (const frame of log.frames.slice(60, 70)) model = applyFrame(model, frame, NOW);
    expect([model.messages.length, model.hasNewer, model.cursor, model.newestSeq]).toEqual([
      10,
      true,
      70,
      70,
    ]);
    while (model.hasNewer) {
      const from = (model.messages.at(-1)?.seq ?? 0) + 1;
      model = applyNewerPage(beginPage(model), log.from(70, from, 15));
    }
    for (const frame of log.frames.slice(70)) model = applyFrame(model, frame, NOW);
    expect(model.messages.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 86 }, (_, index) => index + 15),
    );
  });

  test("[CLI2] the window holds at most its limit: the end that a person moves away from is dropped", () => {
    const log = createLog(Array.from({ length: 3_000 }, () => ({ kind: "post" as const, pick: 0 })));
    let model = applyFreshPage(emptyModel("lobby", "me"), log.newest(2_500, 1_500));
    model = applyOlderPage(beginPage(model), log.before(2_500, 1_001, 900));
    // A twentieth more than needed goes, so that the next lines find room.
    expect([model.messages.length, model.hasNewer]).toEqual([WINDOW_LIMIT * 0.95, true]);
    expect(model.messages[0]?.seq).toBe(101);
    model = applyNewerPage(beginPage(model), log.from(2_500, 2_001, 300));
    expect([model.messages.length, model.hasOlder, model.messages.at(-1)?.seq]).toEqual([
      WINDOW_LIMIT * 0.95,
      true,
      2_300,
    ]);
    model = applyNewerPage(beginPage(model), log.from(2_500, 2_301, 300));
    expect(model.hasNewer).toBe(true);
    model = applyNewerPage(beginPage(model), log.from(2_500, 2_501, 300));
    for (const frame of log.frames.slice(2_500)) {
      model = applyFrame(model, frame, NOW);
      expect(model.messages.length).toBeLessThanOrEqual(WINDOW_LIMIT);
    }
    expect([model.hasNewer, model.messages.at(-1)?.seq]).toEqual([false, 3_000]);
  });

  test("[CLI2] what happens below the window is not kept while no page is under way", () => {
    const log = createLog(Array.from({ length: 50 }, () => ({ kind: "post" as const, pick: 0 })));
    const jump = log.around(40, 10, 10);
    let model = applyWindow(applyFreshPage(emptyModel("lobby", "me"), log.newest(40, 10)), {
      ...jump,
      hasOlder: true,
      hasNewer: true,
    });
    for (const frame of log.frames.slice(40)) model = applyFrame(model, frame, NOW);
    expect(model.strays.size).toBe(0);
    model = applyMessages(beginPage(model), [post(60)]);
    expect(model.strays.size).toBe(1);
  });
});
