import type { Room } from "@parlor/protocol";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { call } from "../../lib/api.js";
import { codeOf } from "../../lib/explain.js";
import { KEYS, loadJson, save } from "../../lib/storage.js";
import { useSame } from "../../lib/use-same.js";
import { whenIdle } from "../../ui/part.js";
import { onNewPerson } from "../session/public.js";
import { useDirect } from "./direct-store.js";
import { currentInbox, onRoomFrame, roomOf, useSummary } from "./inbox-store.js";

const REFRESH = 15_000;
const REMEMBERED = 50;

/** What is known of the server's rooms. */
export interface RoomsState {
  /** Listed rooms and those that this browser has visited; `null` before the first answer. */
  readonly rooms: readonly Room[] | null;
  readonly failed: boolean;
}

const listeners = new Set<() => void>();
let state: RoomsState = { rooms: null, failed: false };
/** Counts those whose page this was: what is read for one of them is not for the next. */
let persons = 0;
let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;
let cancelFirst = () => {};

/** What is known of the rooms now. */
export function roomsState(): RoomsState {
  return state;
}

function set(next: RoomsState): void {
  state = next;
  for (const listener of listeners) listener();
}

// Private rooms are among them.
onNewPerson(() => {
  persons++;
  if (state.rooms !== null) set({ rooms: null, failed: false });
});

/** Ids of the rooms that this browser has opened, the newest first. Private rooms are in no list but this. */
export function visitedRooms(): string[] {
  const stored = loadJson(KEYS.rooms, (value) =>
    Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : null,
  );
  return stored ?? [];
}

/** Remembers that a room was opened. */
export function rememberRoom(roomId: string): void {
  const others = visitedRooms().filter((id) => id !== roomId);
  save(KEYS.rooms, JSON.stringify([roomId, ...others].slice(0, REMEMBERED)));
  set({ ...state });
}

/** Forgets a room that does not exist any more. */
export function forgetRoom(roomId: string): void {
  save(KEYS.rooms, JSON.stringify(visitedRooms().filter((id) => id !== roomId)));
  set({ ...state, rooms: state.rooms?.filter((room) => room.id !== roomId) ?? null });
}

/** Puts a room that was just made or read into the list. */
export function putRoom(room: Room): void {
  const rooms = state.rooms ?? [];
  const isKnown = rooms.some(({ id }) => id === room.id);
  set({
    ...state,
    rooms: isKnown ? rooms.map((other) => (other.id === room.id ? room : other)) : [room, ...rooms],
  });
}

onRoomFrame(({ type, room_id, ...news }) => {
  const room = state.rooms?.find(({ id }) => id === room_id);
  if (type === "room_deleted") forgetRoom(room_id);
  else if (room) putRoom({ ...room, ...news });
});

/** Reads one room anew: who belongs to it has changed. */
export async function readRoom(roomId: string): Promise<void> {
  const mine = persons;
  try {
    const room = await call("getRoom", { params: { room_id: roomId } });
    if (mine === persons) putRoom(room);
  } catch {
    // The next reading of the list brings it.
  }
}

async function readUnlisted(listed: readonly Room[]): Promise<Room[]> {
  const known = new Set(listed.map((room) => room.id));
  // The inbox has all rooms of a session; without one this browser's own list stands in.
  for (const { id } of currentInbox()?.state.rooms ?? []) known.add(id);
  const ids = visitedRooms()
    .filter((id) => !known.has(id))
    .slice(0, 20);
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        return await call("getRoom", { params: { room_id: id } });
      } catch (error) {
        if (codeOf(error) === "room_not_found") forgetRoom(id);
        return null;
      }
    }),
  );
  return found.filter((room) => room !== null);
}

/** Reads the rooms anew. */
export async function refreshRooms(): Promise<void> {
  const mine = persons;
  try {
    const listed = await call("listRooms");
    const unlisted = await readUnlisted(listed);
    if (mine === persons) set({ rooms: [...unlisted, ...listed], failed: false });
  } catch {
    if (mine === persons) set({ ...state, failed: true });
  }
}

function onVisible(): void {
  if (document.visibilityState === "visible") void refreshRooms();
}

function watch(): () => void {
  if (watchers++ === 0) {
    // What is on the page's way to its first view goes first.
    cancelFirst = whenIdle(() => void refreshRooms());
    timer = setInterval(onVisible, REFRESH);
    document.addEventListener("visibilitychange", onVisible);
  }
  return () => {
    if (--watchers > 0) return;
    cancelFirst();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", onVisible);
  };
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}

/** The rooms, kept fresh while somebody shows them. */
export function useRooms(): RoomsState {
  useEffect(watch, []);
  return useSyncExternalStore(subscribe, roomsState);
}

/** One room as far as it is known; it is read when it is in no list. */
export function useRoom(roomId: string): Room | null {
  const { rooms } = useSyncExternalStore(subscribe, () => state);
  const summary = useSummary(roomId);
  const listed = rooms?.find((candidate) => candidate.id === roomId) ?? null;
  const direct = useDirect(roomId);
  const isDirect = summary?.kind === "direct" || roomId.startsWith("dm:");
  const known = listed !== null || isDirect;
  const room = useMemo(
    () =>
      summary && (isDirect || !listed)
        ? roomOf(summary)
        : direct
          ? { ...direct, name: direct.other.username }
          : listed,
    [summary, isDirect, direct, listed],
  );
  useEffect(() => {
    if (known) return;
    let current = true;
    call("getRoom", { params: { room_id: roomId } }).then(
      (found) => {
        if (current) putRoom(found);
      },
      // Unknown or unreachable: the room's own connection says which, in words.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [roomId, known]);
  return useSame(room);
}
