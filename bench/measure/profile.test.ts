import { expect, test } from "vitest";
import { formatProfile, summarise } from "./profile.js";

const frame = (functionName: string, url = "", lineNumber = -1) => ({ functionName, url, lineNumber });

test("[BENCH2] a profile is summed up by the functions' own time, without the idle time", () => {
  const lines = summarise(
    {
      nodes: [
        { id: 1, callFrame: frame("(idle)") },
        { id: 2, callFrame: frame("writev") },
        { id: 3, callFrame: frame("flush", "file:///somewhere/server/dist/main.js", 41) },
        { id: 4, callFrame: frame("writev") },
        { id: 5, callFrame: frame("", "file:///somewhere/node_modules/ws/lib/sender.js", 9) },
      ],
      samples: [1, 2, 3, 4, 5],
      timeDeltas: [1000, 30, 50, 10, 10],
    },
    2,
  );
  expect(lines).toEqual([
    { name: "flush dist/main.js:42", share: 0.5 },
    { name: "writev", share: 0.4 },
  ]);
  expect(formatProfile(lines)).toBe(" 50.0 %  flush dist/main.js:42\n 40.0 %  writev");
});
