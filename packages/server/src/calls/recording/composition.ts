import { CALL_SLOTS, type CallSlot } from "@parlor/protocol";
import type { Span } from "./mjr.js";

/** The picture of a recording. */
export const WIDTH = 1280;
export const HEIGHT = 720;
const FPS = 10;
const GROUND = "0x1b1b1f";

/** Something that one leg sent. */
export interface Track {
  readonly slot: CallSlot;
  /** When it begins, in milliseconds since the begin of the recording. */
  readonly start: number;
  /** When something of it came, in the same time. */
  readonly spans: readonly Span[];
}

/** Where a camera is shown. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What ffmpeg is told. */
export interface Composition {
  /** The graph; `[picture]` and `[sound]` leave it, where there is any. */
  readonly graph: string;
  readonly hasPicture: boolean;
  readonly hasSound: boolean;
  /** Milliseconds. */
  readonly duration: number;
}

/** What a file of Janus is of, told by its name: the leg's number, and the line, which tells the slot. */
export function readName(fileName: string): { leg: number; slot: CallSlot } | null {
  const [, leg, line] = /^sent-(\d{1,9})-\d+-(?:audio|video)-([0-3])\.mjr$/.exec(fileName) ?? [];
  const slot = CALL_SLOTS[Number(line)];
  return slot ? { leg: Number(leg), slot } : null;
}

/**
 * Puts tracks together, in the order in which ffmpeg is given their files: voices mixed, cameras side by side while they
 * are on, and a shared screen over all of them.
 */
export function compose(tracks: readonly Track[]): Composition {
  const duration = Math.max(0, ...tracks.flatMap(({ spans }) => spans.map(([, to]) => to)));
  const all = tracks.map((track, input) => ({ ...track, input }));
  const cameras = all.filter(({ slot }) => slot === "camera");
  const screens = all.filter(({ slot }) => slot === "screen");
  const sounds = all.filter(({ slot }) => slot === "voice" || slot === "sound");
  const pictures = cameras.length + screens.length > 0 ? picturesOf(cameras, screens, duration) : [];
  return {
    graph: [...pictures, ...(sounds.length > 0 ? soundOf(sounds) : [])].join(";\n"),
    hasPicture: pictures.length > 0,
    hasSound: sounds.length > 0,
    duration,
  };
}

type Numbered = Track & { readonly input: number };

function picturesOf(cameras: readonly Numbered[], screens: readonly Numbered[], duration: number): string[] {
  const places = placesOf(cameras);
  const shown = [
    ...cameras.map((track, index) => ({ track, place: places[index] ?? WHOLE })),
    ...screens.map((track) => ({ track, place: WHOLE })),
  ];
  const lines = [
    `color=c=${GROUND}:s=${WIDTH}x${HEIGHT}:r=${FPS}:d=${seconds(duration)},format=yuv420p[on0]`,
  ];
  for (const [index, { track, place }] of shown.entries()) {
    const { width, height, x, y } = place;
    // The size comes first: pictures change theirs as they go, and only this filter can take that.
    lines.push(
      `[${track.input}:v]scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2,` +
        `pad=${width}:${height}:-1:-1:color=${GROUND},setsar=1,format=yuv420p,setpts=PTS+${seconds(track.start)}/TB,fps=${FPS}[shown${index}]`,
    );
    const end = index === shown.length - 1 ? "picture" : `on${index + 1}`;
    lines.push(
      `[on${index}][shown${index}]overlay=x=${x}:y=${y}:eof_action=pass:enable='${during(track.spans)}'[${end}]`,
    );
  }
  return lines;
}

const WHOLE: Place = { x: 0, y: 0, width: WIDTH, height: HEIGHT };

/** A place for each camera, whoever came first first: as few as are needed, for whoever comes when somebody else has gone takes theirs. */
function placesOf(cameras: readonly Track[]): Place[] {
  /** When the last camera of each place ends. */
  const free: number[] = [];
  const taken = new Map<Track, number>();
  for (const camera of [...cameras].sort((a, b) => a.start - b.start)) {
    const found = free.findIndex((end) => end <= camera.start);
    const place = found < 0 ? free.length : found;
    free[place] = Math.max(...camera.spans.map(([, to]) => to));
    taken.set(camera, place);
  }
  // They are counted in the order of the tracks.
  const numbers = new Map<number, number>();
  for (const camera of cameras) {
    const place = taken.get(camera) ?? 0;
    if (!numbers.has(place)) numbers.set(place, numbers.size);
  }
  const columns = Math.ceil(Math.sqrt(free.length));
  const rows = Math.ceil(free.length / columns);
  const [width, height] = [even(WIDTH / columns), even(HEIGHT / rows)];
  return cameras.map((camera) => {
    const place = numbers.get(taken.get(camera) ?? 0) ?? 0;
    return { x: (place % columns) * width, y: Math.floor(place / columns) * height, width, height };
  });
}

function soundOf(sounds: readonly Numbered[]): string[] {
  // What is missing is silence: at the begin, and where somebody was muted.
  const lines = sounds.map(
    ({ input, start }, index) =>
      `[${input}:a]asetpts=PTS+${seconds(start)}/TB,aresample=48000:async=1:first_pts=0[heard${index}]`,
  );
  const all = sounds.map((_, index) => `[heard${index}]`).join("");
  const mix =
    sounds.length > 1 ? `amix=inputs=${sounds.length}:normalize=0:dropout_transition=0,alimiter` : "anull";
  return [...lines, `${all}${mix}[sound]`];
}

function during(spans: readonly Span[]): string {
  // A picture is seen until the next one comes.
  return spans.map(([from, to]) => `between(t,${seconds(from)},${seconds(to + 1_000 / FPS)})`).join("+");
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

function even(size: number): number {
  return Math.floor(size / 2) * 2;
}
