import type { Message } from "@parlor/protocol";
import { expect, test } from "vitest";
import { readersOf } from "./readers.js";

const message = (seq: number, user_id: string) => ({ seq, user_id }) as Message;

test("[UX41] each reader stands at the last message that they read, and at none of their own", () => {
  const messages = [message(10, "alice"), message(11, "bob"), message(14, "alice")];
  const receipts = new Map([
    ["bob", 13],
    ["carol", 13],
    ["dan", 99],
    ["erin", 9],
    ["frank", 10],
  ]);
  expect([...readersOf(messages, receipts)]).toEqual([
    [11, ["carol"]],
    [14, ["dan"]],
    [10, ["frank"]],
  ]);
  expect(readersOf([], receipts).size).toBe(0);
});
