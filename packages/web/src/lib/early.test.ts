import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchEarly, keepEarlyFor } from "./early.js";

const ORIGIN = "http://parlor.test";
const PAGE = "/rooms/cellar/messages?limit=50";
const ask = async () => await (await fetchEarly(ORIGIN + PAGE, { method: "GET" })).text();

let now = 0;
beforeEach(() => {
  now = 1_000;
  vi.stubGlobal("location", { origin: ORIGIN });
  vi.stubGlobal("fetch", async () => new Response("late"));
  vi.spyOn(performance, "now").mockImplementation(() => now);
  globalThis.parlorEarly = { [PAGE]: Promise.resolve(new Response("early")) };
  globalThis.parlorEarlyFor = "erin";
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  globalThis.parlorEarly = globalThis.parlorEarlyFor = undefined;
});

test("[UX40] what the page asked for before its program was there is taken once", async () => {
  keepEarlyFor("erin");
  expect(await ask()).toBe("early");
  expect(await ask()).toBe("late");
});

test("[PWA4] what was asked for one person is no answer for another one, also when the first comes back", async () => {
  keepEarlyFor("bob");
  expect(await ask()).toBe("late");
  keepEarlyFor("erin");
  expect(await ask()).toBe("late");
});

test("[UX40] what nobody took in the first minute is asked for anew", async () => {
  now = 61_000;
  expect(await ask()).toBe("late");
});
