import { expect, test } from "vitest";
import { hasHost, isHost } from "./hosts.js";

const host = (id: string) => ({ id, name: "Host", avatar: null });

test("[MSG11] [ROOM7] who made a room and who is named as its host decide; nobody does where there is neither", () => {
  const rooms = [
    { created_by: "ann", host: null },
    { created_by: null, host: host("ben") },
    { created_by: "ann", host: host("ben") },
    { created_by: null, host: null },
  ] as unknown as Parameters<typeof hasHost>[0][];
  expect(rooms.map((room) => ["ann", "ben"].filter((id) => isHost(room, id)))).toEqual([
    ["ann"],
    ["ben"],
    ["ann", "ben"],
    [],
  ]);
  expect(rooms.map(hasHost)).toEqual([true, true, true, false]);
  expect(isHost(null, "ann")).toBe(false);
});
