import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Transact } from "./indexed-database.js";
import { createTurns } from "./outbox-turn.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const SECOND = 1_000;

interface Row {
  readonly owner: string;
  readonly beat: number;
}

/** A request of the browser's database that has its result. */
function answered<T>(result: T): IDBRequest<T> {
  const request = { result, onsuccess: () => {}, onerror: () => {} };
  queueMicrotask(() => request.onsuccess());
  return request as unknown as IDBRequest<T>;
}

/** Tabs on one browser's storage, with the locks that they hold; `locks` is `null` on a page without https. */
function browserOf(locks: Set<string> | null) {
  const rows = new Map<string, Row>();
  const store = {
    get: (key: string) => answered(rows.get(key)),
    put: (row: Row, key: string) => answered(rows.set(key, row)),
    delete: (key: string) => answered(rows.delete(key)),
  } as unknown as IDBObjectStore;
  const transact = ((_name, _mode, work) => work(store)) as Transact;
  async function request(name: string, ...rest: unknown[]): Promise<unknown> {
    const work = rest.at(-1) as (lock: object | null) => Promise<unknown>;
    if (locks?.has(name)) return await work(null);
    locks?.add(name);
    try {
      return await work({});
    } finally {
      locks?.delete(name);
    }
  }
  vi.stubGlobal("navigator", locks ? { locks: { request } } : {});
  let held = 0;
  const open = () => {
    const take = createTurns(
      "outbox",
      transact,
      () => () => {},
      () => {},
    );
    void take("kitchen", new AbortController().signal, async () => {
      held += 1;
      await new Promise(() => {});
    });
  };
  return {
    open,
    held: () => held,
    /** A tab has the turn that has shown nothing since. */
    holdWith: (owner: string, beat = 7): void => void rows.set("kitchen", { owner, beat }),
  };
}

test("[OUT2] the turn of a frozen tab, which holds its lock still, is taken when 20 beats are missing", async () => {
  const browser = browserOf(new Set(["outbox|frozen"]));
  browser.holdWith("frozen");
  browser.open();
  await vi.advanceTimersByTimeAsync(20 * SECOND - 1);
  expect(browser.held()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(browser.held()).toBe(1);
});

test("[OUT2] that of a tab that ended, as its lock tells, at once", async () => {
  const browser = browserOf(new Set());
  browser.holdWith("ended");
  browser.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(browser.held()).toBe(1);
});

test("[OUT2] without https, where no lock tells, when 4 beats are missing", async () => {
  const browser = browserOf(null);
  browser.holdWith("ended or frozen");
  browser.open();
  await vi.advanceTimersByTimeAsync(4 * SECOND - 1);
  expect(browser.held()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(browser.held()).toBe(1);
});

test.each([
  ["with locks", new Set<string>()],
  ["without", null],
])(
  "[OUT2] a tab that shows its beat each second keeps its turn, however long it takes: %s",
  async (_, locks) => {
    const browser = browserOf(locks);
    browser.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.held()).toBe(1);
    browser.open();
    await vi.advanceTimersByTimeAsync(300 * SECOND);
    expect(browser.held()).toBe(1);
  },
);

test("[OUT2] each beat that is seen begins the count anew", async () => {
  const browser = browserOf(new Set(["outbox|slow"]));
  browser.holdWith("slow", 1);
  browser.open();
  await vi.advanceTimersByTimeAsync(15 * SECOND);
  browser.holdWith("slow", 2);
  // Seen with the next look.
  await vi.advanceTimersByTimeAsync(21 * SECOND - 1);
  expect(browser.held()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(browser.held()).toBe(1);
});
