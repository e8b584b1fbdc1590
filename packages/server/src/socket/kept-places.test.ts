import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RoomsService } from "../rooms/service.js";
import type { Connection } from "./connection.js";
import { createKeptPlaces } from "./kept-places.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

function placesBeside(sockets: readonly Connection[], onGone: RoomsService["onGone"] = () => {}) {
  const hub = { connectionsOf: () => sockets, connectionsIn: () => sockets };
  return createKeptPlaces({ rooms: { onMembership() {}, onGone }, hub });
}

function openPlaces() {
  return placesBeside([]);
}

function socketOf(userId: string, backSince: number | null = null): Connection {
  const place = { visit: "v", epoch: "e", profileMark: 0, backSince };
  return { userId, place, profilesRev: 7, closed: false, cameBy: ["d"] } as unknown as Connection;
}

const back = { visit: "v", epoch: "e", profilesAfter: 7 };

test("[WS19] a place is kept for thirty seconds, for who comes in the same way", () => {
  const places = openPlaces();
  places.keep("lobby", socketOf("ann"));
  for (const other of [{ visit: "w" }, { epoch: "f" }, { epoch: undefined }, { profilesAfter: 6 }])
    expect(places.find("lobby", "ann", { ...back, ...other })).toBeNull();
  expect(places.find("lobby", "ben", back)).toBeNull();
  expect(places.find("hall", "ann", back)).toBeNull();
  vi.advanceTimersByTime(29_000);
  expect(places.find("lobby", "ann", back)?.peer.userId).toBe("ann");
  vi.advanceTimersByTime(1_000);
  expect(places.find("lobby", "ann", back)).toBeNull();
});

test("[WS19] ten minutes after the first return the door decides anew, however often somebody came back", () => {
  const socket = socketOf("ann", performance.now());
  const live = placesBeside([socket]);
  const places = openPlaces();
  for (let minute = 0; minute < 10; minute += 1) {
    places.keep("lobby", socket);
    expect(places.find("lobby", "ann", back)).not.toBeNull();
    expect(live.find("lobby", "ann", back)).not.toBeNull();
    vi.advanceTimersByTime(MINUTE);
  }
  places.keep("lobby", socket);
  expect(places.find("lobby", "ann", back)).toBeNull();
  expect(live.find("lobby", "ann", back)).toBeNull();
});

test("[WS19] a socket that never broke keeps its place, however long it was open", () => {
  const socket = socketOf("ann");
  const places = openPlaces();
  vi.advanceTimersByTime(60 * MINUTE);
  places.keep("lobby", socket);
  expect(places.find("lobby", "ann", back)).not.toBeNull();
});

test("[WS19] at most 10,000 places are kept, and those that are forgotten are gone", () => {
  const places = openPlaces();
  for (let n = 0; n <= 10_000; n += 1) places.keep("lobby", socketOf(`u${n}`));
  expect(places.find("lobby", "u0", back)).toBeNull();
  expect(places.find("lobby", "u1", back)).not.toBeNull();
  places.forget(({ userId }) => userId === "u1");
  expect(places.find("lobby", "u1", back)).toBeNull();
  expect(places.find("lobby", "u2", back)).not.toBeNull();
});

test("[WS19] a socket that the server closed, or whose right is to be looked at again, leaves no place", () => {
  const places = openPlaces();
  places.keep("lobby", Object.assign(socketOf("ann"), { closed: true }));
  places.keep("lobby", Object.assign(socketOf("ben"), { place: null }));
  places.keep("lobby", Object.assign(socketOf("cid"), { profilesRev: null }));
  for (const userId of ["ann", "ben", "cid"]) expect(places.find("lobby", userId, back)).toBeNull();
});

test("[WS19] [ROOM9] the end of a room takes all its places away, and no others", () => {
  const held = socketOf("ben");
  let tellGone = (_: string) => {};
  const places = placesBeside([held], (listener) => {
    tellGone = listener;
  });
  for (const room of ["lobby", "hall"]) places.keep(room, socketOf("ann"));
  tellGone("lobby");
  expect(held.place).toBeNull();
  expect(places.find("lobby", "ann", back)).toBeNull();
  expect(places.find("hall", "ann", back)).not.toBeNull();
});
