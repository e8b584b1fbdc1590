import { type InboxClient, type InboxState, openInbox, ParlorError, type RoomFrame } from "@parlor/client";
import type { Profile, Room, RoomSummary } from "@parlor/protocol";
import { useSyncExternalStore } from "react";
import { api, reportIdentityError } from "../../lib/api.js";
import { history } from "../../lib/history.js";
import { lookForNewVersion } from "../../lib/shell.js";
import { onNewPerson } from "../session/public.js";

const listeners = new Set<() => void>();
let inbox: InboxClient | null = null;
/** What was read before there was an inbox to say it to: the room of the page is there first. */
let readAhead: { readonly roomId: string; readonly seq: number } | null = null;

let hearRoom: (frame: RoomFrame) => void = () => {};

/** Hands on what is told of a room itself. */
export function onRoomFrame(listener: (frame: RoomFrame) => void): void {
  hearRoom = listener;
}

onNewPerson(() => {
  readAhead = null;
});

function tell(): void {
  for (const listener of listeners) listener();
}

/** Follows all rooms of a user for as long as this page is theirs; answers how to stop. */
export function startInbox(userId: string): () => void {
  const own = openInbox({ url: "", api, userId, history: history() });
  inbox = own;
  own.onRoom((frame) => hearRoom(frame));
  if (readAhead) own.markRead(readAhead.roomId, readAhead.seq);
  readAhead = null;
  let wasLive = false;
  let wasLost = false;
  const stop = own.subscribe(() => {
    // A browser without a session still has its public rooms; one whose session has ended is asked to sign in.
    if (own.state.failure?.code === "session_ended") reportIdentityError(new ParlorError("session_ended"));
    // A server that was away and is back may be a newer one.
    const isLive = own.state.status === "live";
    if (isLive && wasLost) lookForNewVersion();
    wasLost = !isLive && (wasLost || wasLive);
    wasLive = isLive;
    tell();
  });
  tell();
  return () => {
    stop();
    own.close();
    if (inbox === own) inbox = null;
    readAhead = null;
    tell();
  };
}

/** The user's rooms, to act on; `null` before there are any. */
export function currentInbox(): InboxClient | null {
  return inbox;
}

/** The same, live. */
export function useInboxClient(): InboxClient | null {
  return useSyncExternalStore(subscribeInbox, currentInbox);
}

/** Calls back after every change; answers how to stop. */
function subscribeInbox(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The user's rooms; `null` where there is no session to have them for, or nothing is known yet. */
export function useInbox(): InboxState | null {
  return useSyncExternalStore(subscribeInbox, () => {
    const state = inbox?.state;
    return state?.loaded ? state : null;
  });
}

/** The newest revision of the own profile that the inbox told of; 0 before there was any. */
export function useNewestProfile(): number {
  return useSyncExternalStore(subscribeInbox, () => inbox?.state.profile?.profile_rev ?? 0);
}

/** Whether the list of one's rooms is still on its way. */
export function useInboxPending(): boolean {
  return useSyncExternalStore(
    subscribeInbox,
    () => inbox === null || (!inbox.state.loaded && inbox.state.failure === null),
  );
}

/** One room of the list. */
export function useSummary(roomId: string): RoomSummary | null {
  return useSyncExternalStore(
    subscribeInbox,
    () => inbox?.state.rooms.find(({ id }) => id === roomId) ?? null,
  );
}

/** How many messages of a room its user has not read, as far as the server counts; 0 where there is no list. */
export function useListedUnread(roomId: string): number {
  return useSyncExternalStore(
    subscribeInbox,
    () => inbox?.state.rooms.find(({ id }) => id === roomId)?.unread ?? 0,
  );
}

/** The other person of a conversation in the list; a message changes nothing of it. */
export function useListedOther(roomId: string): Profile | null {
  return useSyncExternalStore(
    subscribeInbox,
    () => inbox?.state.rooms.find(({ id }) => id === roomId)?.other ?? null,
  );
}

/** Says that a room has been read up to a number: on all devices, and never backwards. */
export function markRead(roomId: string, seq: number): void {
  if (inbox) inbox.markRead(roomId, seq);
  else readAhead = { roomId, seq };
}

/** Says that all of a room has been read. */
export function markAllRead(roomId: string): void {
  const room = inbox?.state.rooms.find(({ id }) => id === roomId);
  if (room) inbox?.markRead(roomId, room.head_seq);
}

/** The name of a room as its user knows it: a conversation has that of the other person. */
export function summaryName(summary: RoomSummary): string {
  return summary.other?.username ?? summary.name;
}

/** A room of the list as the screens of rooms show it. */
export function roomOf(summary: RoomSummary): Room {
  const { id, thumbnail_url, privacy, created_by, host, host_proven } = summary;
  const { memberCount, onlineCount, joined_at } = summary;
  return {
    ...{ id, thumbnail_url, privacy, created_by, host, host_proven, memberCount, onlineCount },
    name: summaryName(summary),
    created_at: joined_at,
    users: [],
    category: null,
    description: null,
    tags: [],
    max_members: null,
  };
}
