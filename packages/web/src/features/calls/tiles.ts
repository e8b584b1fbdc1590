import type { CallPerson, CallState, PairStatus, Quality } from "@parlor/client";
import type { Profile } from "@parlor/protocol";

/** One picture of a call: somebody's camera, or their screen. */
export interface TileItem {
  readonly key: string;
  readonly legId: string;
  readonly userId: string;
  readonly name: string;
  readonly profile: Profile | null;
  readonly isMe: boolean;
  readonly isScreen: boolean;
  readonly stream: MediaStream | null;
  readonly isMuted: boolean;
  readonly isSpeaking: boolean;
  readonly isHandUp: boolean;
  readonly isAway: boolean;
  readonly status: PairStatus;
  readonly quality: Quality;
  /** `null` for the own tiles. */
  readonly person: CallPerson | null;
}

/** All pictures of a call: screens first, then the others in the order of coming, then oneself. */
export function tilesOf(
  { people, me }: Pick<CallState, "people" | "me">,
  profiles: ReadonlyMap<string, Profile>,
  self: { readonly id: string; readonly name: string },
): TileItem[] {
  const faces: TileItem[] = people.map((person) => ({
    key: person.legId,
    legId: person.legId,
    userId: person.userId,
    name: profiles.get(person.userId)?.username ?? person.username,
    profile: profiles.get(person.userId) ?? null,
    isMe: false,
    isScreen: false,
    stream: person.media.video ? person.camera : null,
    isMuted: !person.media.audio,
    isSpeaking: person.isSpeaking,
    isHandUp: person.hand !== null,
    isAway: person.isAway,
    status: person.status,
    quality: person.quality,
    person,
  }));
  faces.push({
    key: me.legId,
    legId: me.legId,
    userId: self.id,
    name: self.name,
    profile: profiles.get(self.id) ?? null,
    isMe: true,
    isScreen: false,
    stream: me.camera,
    isMuted: me.isMuted || !me.hasMicrophone,
    isSpeaking: me.isSpeaking,
    isHandUp: me.hand !== null,
    isAway: false,
    status: "connected",
    quality: null,
    person: null,
  });
  const screens = faces.flatMap((face): TileItem[] => {
    const stream = face.person ? face.person.media.screen && face.person.screen : me.screen;
    return stream ? [{ ...face, key: `${face.key}:screen`, isScreen: true, stream, isHandUp: false }] : [];
  });
  return [...screens, ...faces];
}

/** Columns of a grid, and the size of each tile in it. */
export interface Fit {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/** Between a standing phone and a wide screen a tile may have any shape. */
const NARROWEST = 3 / 4;
const WIDEST = 16 / 9;

/** The largest tiles that fit into a place, all of one size. */
export function fitTiles(count: number, width: number, height: number, gap: number): Fit {
  let best: Fit = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    const fit = {
      columns,
      width: Math.floor(Math.min(cellWidth, cellHeight * WIDEST)),
      height: Math.floor(Math.min(cellHeight, cellWidth / NARROWEST)),
    };
    if (fit.width > 0 && fit.height > 0 && fit.width * fit.height > best.width * best.height) best = fit;
  }
  return best;
}

/** Who is shown large: whom the person chose, else a screen, else whoever spoke last. */
export function largeOf(
  tiles: readonly TileItem[],
  pinned: string | null,
  followsSpeaker: boolean,
  lastSpeaker: string | null,
): TileItem | null {
  const chosen = tiles.find(({ key }) => key === pinned);
  if (chosen) return chosen;
  const screen = tiles.find(({ isScreen, isMe }) => isScreen && !isMe);
  if (screen) return screen;
  if (!followsSpeaker) return null;
  return tiles.find(({ key }) => key === lastSpeaker) ?? tiles[0] ?? null;
}
