import { createBoundedMap } from "../bounded-map.js";
import type { RoomsService } from "../rooms/service.js";
import type { Connection, Peer, Place } from "./connection.js";

/** Milliseconds for which the place of a socket that broke is kept. */
const KEPT = 30_000;
/** Places kept at one time; beyond them the one that was used longest ago goes. */
const PLACES = 10_000;

/** A place that is kept. */
export interface Kept extends Place {
  readonly peer: Peer;
  /** The `profile_rev` up to which `welcome` told the profiles. */
  readonly profilesRev: number;
  readonly until: number;
}

export type KeptPlaces = ReturnType<typeof createKeptPlaces>;

/**
 * The places of sockets that broke a moment ago. Who comes back in the same way gets in without a question to the
 * database, as if the socket had never broken: whatever would have closed the socket meanwhile takes the place away.
 */
export function createKeptPlaces(rooms: Pick<RoomsService, "onMembership">) {
  const places = createBoundedMap<string, Kept>(PLACES);
  const keyOf = (roomId: string, userId: string) => `${roomId} ${userId}`;

  function forget(isMeant: (place: Kept) => boolean): void {
    for (const [key, place] of places.entries()) if (isMeant(place)) places.delete(key);
  }

  rooms.onMembership(({ room, userId }) => places.delete(keyOf(room.id, userId)));

  return {
    /** Keeps the place of a socket that ended without the server's doing. */
    keep(roomId: string, connection: Connection): void {
      const { place, profilesRev, userId, username, deviceIds, cameBy, standing, base } = connection;
      if (!place || profilesRev === null) return;
      const peer = { userId, username, deviceIds, cameBy, standing, base };
      const until = performance.now() + KEPT;
      places.set(keyOf(roomId, userId), { ...place, peer, profilesRev, until });
    },

    /** The place of whoever comes back in the same way and knows all that it had been told of profiles; or `null`. */
    find(
      roomId: string,
      userId: string,
      back: {
        readonly visit: string;
        readonly epoch: string | undefined;
        readonly profilesAfter: number | undefined;
      },
    ): Kept | null {
      const place = places.get(keyOf(roomId, userId));
      if (!place || place.until < performance.now()) return null;
      const isSame =
        place.visit === back.visit && place.epoch === back.epoch && place.profilesRev === back.profilesAfter;
      return isSame ? place : null;
    },

    /** Takes away the places of these users. */
    forgetUsers(userIds: ReadonlySet<string>): void {
      forget(({ peer }) => userIds.has(peer.userId));
    },

    /** Takes away the places of those who came by one of these devices. */
    forgetDevices(deviceIds: readonly string[]): void {
      forget(({ peer }) => peer.cameBy?.some((id) => deviceIds.includes(id)) ?? false);
    },
  };
}
