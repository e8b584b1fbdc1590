import { Ellipsis, Hand, MicOff, Signal, SignalLow, SignalMedium, SignalZero } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../../lib/cx.js";
import { Avatar } from "../../ui/avatar.js";
import { Menu } from "../../ui/menu.js";
import { Spinner } from "../../ui/spinner.js";
import { callWords } from "./call-words.js";
import type { TileItem } from "./tiles.js";
import { VideoView } from "./video-view.js";

const BARS = { 0: SignalZero, 1: SignalLow, 2: SignalMedium, 3: Signal } as const;

/** What is wrong with somebody's connection, in words; `null`: nothing. */
function troubleOf({ isAway, status }: TileItem): string | null {
  const words = callWords();
  if (isAway) return words.away;
  if (status === "connecting") return words.connecting;
  if (status === "recovering") return words.recovering;
  return status === "failed" ? words.unreachable : null;
}

/** What a tile needs. */
export interface TileProps {
  readonly tile: TileItem;
  /** Pixels; the face grows with them. */
  readonly width: number;
  readonly height: number;
  readonly emoji: string | null;
  /** What can be done with it; `null`: nothing. */
  readonly menu: ReactNode;
}

/** One person of a call, or a screen. */
export function Tile({ tile, width, height, emoji, menu }: TileProps) {
  const words = callWords();
  const { name, profile, userId: id, isMe, isScreen, isMuted, isSpeaking, isHandUp, quality } = tile;
  const shown = isScreen ? words.screenOf(name) : isMe ? words.you(name) : name;
  const trouble = troubleOf(tile);
  const Bars = quality === null ? null : BARS[quality];
  const said = [
    isMuted && !isScreen ? words.muted : null,
    isSpeaking ? words.speaking : null,
    isHandUp ? words.handUp : null,
    trouble,
    quality === null || isScreen ? null : words.quality[quality],
  ];
  return (
    <li
      aria-label={[shown, ...said.filter(Boolean)].join(", ")}
      data-leg={tile.legId}
      data-speaking={isSpeaking || undefined}
      className="group/tile relative grid shrink-0 place-items-center overflow-hidden rounded-lg bg-surface shadow-1"
      style={{ width, height }}
    >
      {tile.stream ? (
        <VideoView
          stream={tile.stream}
          label={shown}
          isMirrored={isMe && !isScreen}
          isWhole={isScreen}
          className="absolute inset-0"
        />
      ) : (
        <Avatar
          person={{
            id,
            name,
            avatar_url: profile?.avatar_url ?? null,
            avatar_urls: profile?.avatar_urls ?? null,
          }}
          size={Math.round(Math.max(32, Math.min(112, height * 0.42, width * 0.42)))}
        />
      )}
      {isSpeaking && !isScreen ? (
        <span
          aria-hidden="true"
          className="pointer-events-none absolute inset-0 rounded-lg ring-3 ring-accent ring-inset"
        />
      ) : null}
      {trouble ? (
        <span className="absolute inset-0 grid place-items-center bg-scrim p-2">
          <span className="flex items-center gap-2 rounded-full bg-surface px-3 py-1 text-xs font-medium">
            <Spinner />
            {trouble}
          </span>
        </span>
      ) : null}
      {isHandUp ? (
        <span className="absolute start-1.5 top-1.5 grid size-8 place-items-center rounded-full bg-surface text-brass shadow-1">
          <Hand aria-hidden="true" className="size-4.5" />
        </span>
      ) : null}
      {emoji ? (
        <span aria-hidden="true" className="absolute inset-x-0 top-1/4 animate-rise text-center text-3xl">
          {emoji}
        </span>
      ) : null}
      {/* On top of any picture: a ground of its own. */}
      <span
        aria-hidden="true"
        className="absolute start-1.5 bottom-1.5 flex max-w-[calc(100%-0.75rem)] items-center gap-1.5 rounded-md bg-surface/90 px-2 py-0.5 text-xs font-medium"
      >
        {isMuted && !isScreen ? <MicOff className="size-3.5 shrink-0 text-danger" /> : null}
        <bdi className="truncate">{shown}</bdi>
        {Bars && !isScreen ? (
          <Bars className={cx("size-3.5 shrink-0", (quality ?? 3) < 2 && "text-danger")} />
        ) : null}
      </span>
      {menu ? (
        <span className="absolute end-1.5 top-1.5">
          <Menu
            trigger={
              <button
                type="button"
                aria-label={words.moderate(shown)}
                aria-haspopup="menu"
                className="grid size-8 place-items-center rounded-md bg-surface/90 opacity-0 group-focus-within/tile:opacity-100 group-hover/tile:opacity-100 focus-visible:opacity-100 hover:bg-surface [@media(hover:none)]:opacity-100"
              >
                <Ellipsis aria-hidden="true" className="size-4.5" />
              </button>
            }
          >
            {menu}
          </Menu>
        </span>
      ) : null}
    </li>
  );
}
