import type { CallClient, CallReaction } from "@parlor/client";
import { useEffect, useRef } from "react";
import { callWords } from "./call-words.js";
import { Tile, type TileProps } from "./tile.js";
import { TileMenu } from "./tile-menu.js";
import { fitTiles, type TileItem } from "./tiles.js";
import { useSize } from "./use-size.js";

const GAP = 8;
/** Height of the row of small tiles beside a large one, by the height that there is. */
const ROW = { tall: 112, low: 76, lowBelow: 360 };

interface TileFieldProps {
  readonly client: CallClient;
  readonly tiles: readonly TileItem[];
  /** The one that is shown large; `null`: all alike. */
  readonly large: TileItem | null;
  readonly reactions: readonly CallReaction[];
  readonly isModerator: boolean;
  /** Shows a tile large; `null`: all alike. */
  readonly onPin: (key: string | null) => void;
}

/** A tile that tells the call how tall its camera is shown: a media server sends no larger picture than that is worth. */
function ViewedTile({ client, ...props }: TileProps & { readonly client: CallClient }) {
  const { tile, height } = props;
  const legId = tile.isMe || tile.isScreen ? null : tile.legId;
  useEffect(() => {
    if (legId === null) return;
    client.setView(legId, Math.round(height * window.devicePixelRatio));
    return () => client.setView(legId, 0);
  }, [client, legId, height]);
  return <Tile {...props} />;
}

/** All tiles of a call, as large as they can be. */
export function TileField({ client, tiles, large, reactions, isModerator, onPin }: TileFieldProps) {
  const field = useRef<HTMLUListElement>(null);
  const { width, height } = useSize(field);
  const row = height < ROW.lowBelow ? ROW.low : ROW.tall;
  const small = large ? tiles.filter((tile) => tile !== large) : [];
  const isSplit = large !== null && small.length > 0 && height > row * 2;
  const shown = isSplit ? small : large ? [large] : tiles;
  const fit = fitTiles(shown.length, width, height, GAP);
  const draw = (tile: TileItem, size: { width: number; height: number }) => (
    <ViewedTile
      key={tile.key}
      client={client}
      tile={tile}
      {...size}
      emoji={tile.isScreen ? null : (reactions.findLast(({ legId }) => legId === tile.legId)?.emoji ?? null)}
      menu={
        tiles.length > 1 ? (
          <TileMenu
            tile={tile}
            client={client}
            isModerator={isModerator}
            isLarge={tile === large}
            onPin={() => onPin(tile === large ? null : tile.key)}
          />
        ) : null
      }
    />
  );
  return (
    <ul
      ref={field}
      aria-label={callWords().stage}
      className="relative flex min-h-0 flex-1 flex-wrap content-center justify-center gap-2 overflow-hidden"
    >
      {width === 0 ? null : isSplit && large ? (
        <>
          {draw(large, { width, height: height - row - GAP })}
          <li className="w-full">
            <ul className="flex gap-2 overflow-x-auto [justify-content:safe_center]">
              {small.map((tile) => draw(tile, { width: Math.round((row * 16) / 9), height: row }))}
            </ul>
          </li>
        </>
      ) : (
        shown.map((tile) =>
          draw(tile, {
            width: shown.length === 1 && tile === large ? width : fit.width,
            height: shown.length === 1 && tile === large ? height : fit.height,
          }),
        )
      )}
    </ul>
  );
}
