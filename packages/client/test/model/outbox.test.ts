import { describe, expect, test, vi } from "vitest";
import { explore } from "./explore.js";
import { type OutboxFault, outboxMachine } from "./outbox.js";

/** On a machine that does other things too. */
vi.setConfig({ testTimeout: 120_000 });

const CALM = { crashes: 0, losses: 0, serverCrashes: 0, drops: 0, poison: null };
const CASES = {
  "two tabs and a lost frame": { ...CALM, tabs: 2, messages: 2, losses: 1, tries: 3 },
  "two tabs, one crashes, the server too": {
    ...CALM,
    tabs: 2,
    messages: 2,
    crashes: 1,
    serverCrashes: 1,
    tries: 3,
  },
  "three messages, one is refused": { ...CALM, tabs: 1, messages: 3, poison: 2, losses: 1, tries: 5 },
  "two tabs, one message is dropped": { ...CALM, tabs: 2, messages: 2, drops: 1, tries: 3 },
};

describe("unsent messages of several tabs, in every order of events", () => {
  test.each(Object.entries(CASES))("[OUT2] once, in order, none lost: %s", (_, options) => {
    const { violation, states } = explore(outboxMachine({ ...options, fault: "none" }));
    expect(violation).toBeNull();
    expect(states).toBeGreaterThan(1_000);
  });

  test.each<[OutboxFault, keyof typeof CASES, RegExp]>([
    ["client_id not looked up", "two tabs and a lost frame", /stored twice/],
    ["new client_id at each try", "two tabs and a lost frame", /stored twice/],
    ["forgotten before the acknowledgement", "two tabs and a lost frame", /is lost/],
    [
      "acknowledged before the commit",
      "two tabs, one crashes, the server too",
      /acknowledged and not stored|is lost/,
    ],
    ["next one before the acknowledgement", "two tabs and a lost frame", /the order of writing is lost/],
    ["list not read again", "two tabs, one message is dropped", /was dropped|is lost/],
    ["turn not looked at before the send", "two tabs, one message is dropped", /was dropped/],
    ["refused ones block", "three messages, one is refused", /blocks message/],
  ])("finds the planted fault: %s", (fault, name, what) => {
    expect(explore(outboxMachine({ ...CASES[name], fault })).violation?.what).toMatch(what);
  });
});
