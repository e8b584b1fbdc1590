import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TIMING } from "@parlor/protocol";
import type { WebSocket } from "ws";
import { roomFrame } from "../bus/frame.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { Hub } from "./hub.js";
import type { Presence } from "./presence.js";

/** A peer that answers no ping within this time is gone. */
const PING_EVERY = 30_000;
/** How often the next of them are looked at: often, since all that are pinged in one turn keep messages waiting. */
const ROUND_EVERY = 100;
/** How often rooms are looked for whose heartbeat is due; with the time below one comes at least every 15 seconds. */
const LOOK_EVERY = 4_000;
/** Milliseconds of a turn of the loop that go to heartbeats, their writing apart. */
const BEATING = 2;
const DUE_AFTER = TIMING.heartbeat - LOOK_EVERY - 1_000;

export type PeerWatch = ReturnType<typeof createPeerWatch>;

interface Watched {
  readonly ws: WebSocket;
  readonly socket: Duplex & { readonly bytesRead?: number };
  /** Bytes that had come when it was last looked at. */
  bytes: number;
}

/** Ends sockets whose peer vanished without a word: of whom nothing came since the last look, and no answer to its ping. */
export function createPeerWatch({ pingEvery = PING_EVERY, lookEvery = ROUND_EVERY } = {}) {
  // Sockets are dealt out to the rounds in turn, so that the pings of a crowd that came at once are spread too.
  const rounds = Array.from({ length: Math.round(pingEvery / lookEvery) }, () => new Set<Watched>());
  let now = 0;
  let next = 0;
  const look = (peer: Watched) => {
    const { ws, socket } = peer;
    const bytes = socket.bytesRead ?? 0;
    if (bytes === peer.bytes) return ws.terminate();
    peer.bytes = bytes;
    ws.ping();
  };
  const timer = setInterval(() => {
    now = (now + 1) % rounds.length;
    for (const peer of rounds[now] ?? []) look(peer);
  }, lookEvery);
  timer.unref();
  return {
    /** Watches a socket until it has closed. */
    watch(ws: WebSocket, socket: Duplex): void {
      next = (next + 1) % rounds.length;
      const round = rounds[next];
      const peer = { ws, socket, bytes: -1 };
      round?.add(peer);
      ws.on("close", () => round?.delete(peer));
    },

    stop: () => clearInterval(timer),
  };
}

/**
 * Tells rooms their head, who is there and how many profiles were told, so that a client notices frames that were lost
 * on the way; before it whatever another process stored there.
 */
export function startHeartbeats(parts: {
  hub: Hub;
  presence: Presence;
  rooms: RoomsService;
  messages: MessagesService;
  log: Logger;
}): { stop(): void } {
  const { hub, presence, rooms, messages, log } = parts;
  const beatRoom = async (roomId: string, head: number) => {
    await messages.catchUp(roomId, head);
    const here = presence.settle(roomId);
    const frame = {
      type: "heartbeat",
      room_id: roomId,
      head_seq: head,
      profiles_told: hub.profilesTold(roomId),
      online: here.count,
      online_hash: here.hash,
    } as const;
    hub.deliver(roomId, roomFrame(frame, { resumeOnly: true }));
  };
  let isStopped = false;
  const beat = async () => {
    const due = hub.roomsToBeat(DUE_AFTER);
    if (due.length === 0) return;
    const heads = await rooms.heads(due);
    const there = new Set(Array.from(heads, ([roomId]) => roomId));
    // Deleted by another process, or by a commit whose answer was lost.
    for (const roomId of due) if (!there.has(roomId)) rooms.noteGone(roomId);
    let start = performance.now();
    for (const [roomId, head] of heads) {
      if (isStopped) return;
      // One room that can not be read keeps no other from its beat.
      await beatRoom(roomId, head).catch((err: unknown) =>
        log.debug({ err, roomId }, "no heartbeat for a room"),
      );
      if (performance.now() - start < BEATING) continue;
      await nextTurn();
      start = performance.now();
    }
  };
  let isBeating = false;
  const timer = setInterval(() => {
    if (isBeating) return;
    isBeating = true;
    beat()
      .catch((err: unknown) => log.debug({ err }, "no heartbeat: the database does not answer"))
      .finally(() => {
        isBeating = false;
      });
  }, LOOK_EVERY);
  timer.unref();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
