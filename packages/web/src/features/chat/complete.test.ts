import type { Profile } from "@parlor/protocol";
import { expect, test } from "vitest";
import { findPeople, fit, tokenAt } from "./complete.js";

test.each([
  ["@", { kind: "person", start: 0, query: "" }],
  ["hi @an", { kind: "person", start: 3, query: "an" }],
  ["hi @Ann Le", { kind: "person", start: 3, query: "Ann Le" }],
  ["mail me@an", null],
  ["at 10:30", null],
  [":sm", { kind: "emoji", start: 0, query: "sm" }],
  [":s", null],
  ["x: yes", null],
  ["@Ann came in and sat", null],
] as const)("[UX16] what can be completed in %j", (text, expected) => {
  expect(tokenAt(text, text.length)).toEqual(expected);
});

test("[UX16] people are found by any part of their name, without accents, closest first", () => {
  const names = ["Zoë Quinn", "Joanna", "Anna", "Ana Quill", "Bob"];
  const people: Profile[] = names.map((username, index) => {
    const user_id = `u${index}`;
    return { user_id, username, avatar_url: null, avatar_urls: null, profile_rev: 1 };
  });
  const found = (query: string) => findPeople(people, query, new Set(["u2"]), 3).map((p) => p.username);
  expect(found("an")).toEqual(["Anna", "Ana Quill", "Joanna"]);
  expect(found("zoe")).toEqual(["Zoë Quinn"]);
  expect(found("qu")[0]).toBe("Ana Quill");
  expect(fit("Joanna", "jna")).not.toBeNull();
  expect(fit("Bob", "x")).toBeNull();
});
