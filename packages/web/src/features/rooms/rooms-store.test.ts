import type { Room, User } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const ERIN = { id: "erin", username: "erin", display_name: "Erin", account: true } as User;

beforeEach(() => {
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
  vi.resetModules();
});
afterEach(() => vi.unstubAllGlobals());

test("[PWA4] of the rooms that one person knew nothing is there for the next one in the same page", async () => {
  const { enter, startAnew } = await import("../session/session-store.js");
  const { putRoom, readRoom, refreshRooms, roomsState } = await import("./rooms-store.js");
  const cellar = { id: "cellar", name: "Erin's cellar", privacy: "private" } as Room;
  enter(ERIN);
  putRoom(cellar);
  const answers: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise((resolve) => answers.push(resolve)));
  const late = [readRoom("cellar"), refreshRooms()];
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  startAnew();
  enter({ ...ERIN, id: "bob" });
  expect(roomsState().rooms).toBeNull();
  answers[0]?.(Response.json(cellar));
  answers[1]?.(Response.json([cellar]));
  await Promise.all(late);
  expect(roomsState().rooms).toBeNull();
});
