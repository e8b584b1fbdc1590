import { array, assert, constantFrom, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import { withPresence } from "./here.js";

const ids = array(constantFrom("a", "b", "c", "d", "e"), { maxLength: 6 });

test("[WS15] who is here is who came and has not left, each once, in the order of their coming", () => {
  assert(
    property(array(tuple(ids, ids), { maxLength: 12 }), (steps) => {
      let here: readonly string[] = [];
      let plain: string[] = [];
      for (const [joined, left] of steps) {
        const before = here;
        const shown = [...before];
        here = withPresence(before, joined, left);
        const gone = new Set<string>(left.filter((id) => !joined.some((other) => other === id)));
        plain = [...new Set([...plain.filter((id) => !gone.has(id)), ...joined])];
        expect(here).toEqual(plain);
        // A list that was given out stays as it was, and is the same one while nothing changes.
        expect(before).toEqual(shown);
        expect(here === before).toBe(shown.join() === plain.join());
        expect(withPresence(before, joined, left)).toEqual(plain);
      }
    }),
  );
});
