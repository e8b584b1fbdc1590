import { describe, expect, test, vi } from "vitest";
import { explore } from "./explore.js";
import { type JoinFault, joinMachine } from "./join.js";

/** On a machine that does other things too. */
vi.setConfig({ testTimeout: 120_000 });

const SCRIPTS = {
  "messages alone": [{ kind: "new" }, { kind: "new" }, { kind: "new" }, { kind: "new" }],
  "an old one is edited": [
    { kind: "new" },
    { kind: "new" },
    { kind: "edit", of: 1 },
    { kind: "edit", of: 2 },
  ],
  "one is deleted": [{ kind: "new" }, { kind: "new" }, { kind: "delete", of: 2 }, { kind: "new" }],
} as const;

/** One cut, one lost frame and one heartbeat, at any moment. */
const TROUBLE = { cuts: 1, losses: 1, heartbeats: 1 };

describe("the way into a room, in every order of events", () => {
  test.each(Object.entries(SCRIPTS))("[WS3] nothing lost, repeated or out of order: %s", (_, script) => {
    const { violation, states } = explore(joinMachine({ script, fault: "none", ...TROUBLE }));
    expect(violation).toBeNull();
    expect(states).toBeGreaterThan(10_000);
  });

  test.each<[JoinFault, RegExp]>([
    ["live before the replay", /is missing at cursor/],
    ["subscribed after reading", /number 3 follows 1/],
    ["held frames dropped", /number 3 follows 1/],
    ["late frames repeated", /number 2 follows 2/],
    ["missed log forgotten", /number 3 follows 1/],
    ["published before the commit", /number 3 follows 1/],
    ["cursor from welcome.head_seq", /is missing at cursor/],
    ["jump ignored", /is missing at cursor/],
    ["heartbeat ignored", /at rest the client shows/],
    ["repair without holding", /is missing at cursor/],
    ["page cursor read after the rows", /beyond what is durable/],
    ["lost synced not noticed", /the client does not know/],
    ["count ignored", /is missing at cursor|is old at cursor/],
  ])("finds the planted fault: %s", (fault, what) => {
    let found: string | undefined;
    for (const script of Object.values(SCRIPTS))
      found ??= explore(joinMachine({ script, fault, ...TROUBLE })).violation?.what;
    expect(found).toMatch(what);
  });
});
