import { createBoundedMap } from "../bounded-map.js";
import type { RoomsService } from "../rooms/service.js";
import type { Connection, Place } from "./connection.js";
import type { Hub } from "./hub.js";

/** Milliseconds for which the place of a socket that ended is kept. */
const KEPT = 30_000;
/** Milliseconds after the first return without the door from which the door decides anew. */
const DOOR_AFTER = 10 * 60_000;
/** Places kept at one time; beyond them the one that was used longest ago goes. */
const PLACES = 10_000;

/** How somebody comes back. */
export interface Return {
  readonly visit: string;
  readonly epoch: string | undefined;
  readonly profilesAfter: number | undefined;
}

/** A place that is kept, or that its socket still holds. */
export interface Kept {
  readonly place: Place;
  readonly peer: Pick<Connection, "userId" | "username" | "deviceIds" | "cameBy" | "standing" | "base">;
  /** The `profile_rev` up to which `welcome` told the profiles. */
  readonly profilesRev: number;
}

export type KeptPlaces = ReturnType<typeof createKeptPlaces>;

/**
 * The places of sockets that ended a moment ago without the server's doing, or that broke and seem to be alive still. Who
 * comes back in the same way gets in without a question to the database. Whatever closes sockets, or makes what they came
 * by worth nothing, takes the places away: here by `forget`, and from the sockets.
 */
export function createKeptPlaces(parts: {
  rooms: Pick<RoomsService, "onMembership" | "onGone">;
  hub: Pick<Hub, "connectionsOf" | "connectionsIn">;
}) {
  const { rooms, hub } = parts;
  const ended = createBoundedMap<string, Kept & { readonly until: number }>(PLACES);
  const keyOf = (roomId: string, userId: string) => `${roomId} ${userId}`;

  rooms.onMembership(({ room, userId, isPutOut }) => {
    // Whoever came by somebody who was put out is asked anew too; who that is, the door knows.
    if (isPutOut) forgetRoom(room.id);
    else ended.delete(keyOf(room.id, userId));
  });
  rooms.onGone(forgetRoom);

  /** A room's places, those too that sockets hold. */
  function forgetRoom(roomId: string): void {
    for (const [key] of ended.entries()) if (key.startsWith(`${roomId} `)) ended.delete(key);
    for (const connection of hub.connectionsIn(roomId)) connection.place = null;
  }

  function fits(kept: Kept | null | undefined, back: Return, now: number): kept is Kept {
    return (
      kept?.place.visit === back.visit &&
      kept.place.epoch === back.epoch &&
      kept.profilesRev === back.profilesAfter &&
      now < (kept.place.backSince ?? now) + DOOR_AFTER
    );
  }

  return {
    /** Keeps the place of a socket that ended. */
    keep(roomId: string, connection: Connection): void {
      const held = heldBy(connection);
      const until = performance.now() + KEPT;
      if (held) ended.set(keyOf(roomId, connection.userId), { ...held, until });
    },

    /** The place of whoever comes back in the same way and knows all that it had been told of profiles; or `null`. */
    find(roomId: string, userId: string, back: Return): Kept | null {
      const now = performance.now();
      const kept = ended.get(keyOf(roomId, userId));
      if (kept && now < kept.until && fits(kept, back, now)) return kept;
      // A network that went away without a word: the server takes its socket for alive until it is pinged.
      for (const connection of hub.connectionsOf(roomId, userId)) {
        const held = heldBy(connection);
        if (fits(held, back, now)) return held;
      }
      return null;
    },

    /** Takes the places of these people away. */
    forget(isMeant: (peer: Kept["peer"]) => boolean): void {
      for (const [key, { peer }] of ended.entries()) if (isMeant(peer)) ended.delete(key);
    },
  };
}

function heldBy(connection: Connection): Kept | null {
  const { closed, place, profilesRev, userId, username, deviceIds, cameBy, standing, base } = connection;
  if (closed || !place || profilesRev === null) return null;
  return { place, profilesRev, peer: { userId, username, deviceIds, cameBy, standing, base } };
}
