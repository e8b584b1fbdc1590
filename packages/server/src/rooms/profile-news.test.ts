import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { UserRow } from "../users/user.js";
import { createProfileNews } from "./profile-news.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const named = (shown_name: string): UserRow => ({
  id: "u1",
  username: null,
  display_name: null,
  username_key: null,
  shown_name,
  shown_key: shown_name,
  bio: null,
  email: null,
  email_verified: false,
  avatar_url: null,
  avatar_urls: null,
  given_avatar_url: null,
  placeholder_url: null,
  extras: {},
  password_hash: null,
  account: false,
  held: true,
  profile_rev: 1,
  created_at: new Date(0),
  status_emoji: null,
  status_text: null,
  status_until: null,
  read_receipts: true,
  show_last_seen: true,
  last_seen_at: null,
});

/** News whose question for the rooms of a user is answered by hand. */
function setUp() {
  let user = named("ann");
  const told: { username: string; prevUsername: string }[] = [];
  const asked: PromiseWithResolvers<string[]>[] = [];
  const news = createProfileNews({
    bus: {
      publish: (_room, { json }) => {
        const { username, prevUsername } = JSON.parse(json);
        told.push({ username, prevUsername });
      },
      subscribe: () => {},
    },
    users: { rows: async () => new Map([["u1", user]]) },
    roomIdsOf: () => {
      const question = withResolvers<string[]>();
      asked.push(question);
      return question.promise;
    },
    log: pino({ level: "silent" }),
  });
  return {
    told,
    rename(name: string) {
      const previousName = user.shown_name;
      user = named(name);
      news.changed({ user, previousName, cause: "profile" });
    },
    /** Answers the `n`th question with one room, or with an error. */
    async answer(n: number, isWell: boolean) {
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(n));
      if (isWell) asked[n]?.resolve(["r1"]);
      else asked[n]?.reject(new Error("the database does not answer"));
      await vi.advanceTimersByTimeAsync(0);
    },
    retry: () => vi.advanceTimersByTimeAsync(1_000),
  };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

it("[USER8] what fails while an earlier change is tried again keeps the name that the rooms know", async () => {
  const { told, rename, answer, retry } = setUp();
  rename("anna");
  await answer(0, false);
  await retry();
  rename("annabel");
  await answer(2, false);
  await answer(1, false);
  expect(told).toEqual([]);
  await retry();
  await answer(3, true);
  expect(told).toEqual([{ username: "annabel", prevUsername: "ann" }]);
});

it("[USER8] what fails while an earlier change gets through follows from the name that was told", async () => {
  const { told, rename, answer, retry } = setUp();
  rename("anna");
  await answer(0, false);
  await retry();
  rename("annabel");
  await answer(2, false);
  await answer(1, true);
  await retry();
  await answer(3, true);
  expect(told).toEqual([
    { username: "anna", prevUsername: "ann" },
    { username: "annabel", prevUsername: "anna" },
  ]);
});

it("[USER8] changes that fail in another order keep the name that the rooms know", async () => {
  const { told, rename, answer, retry } = setUp();
  rename("anna");
  rename("annabel");
  await answer(1, false);
  await answer(0, false);
  await retry();
  await answer(2, true);
  expect(told).toEqual([{ username: "annabel", prevUsername: "ann" }]);
});
