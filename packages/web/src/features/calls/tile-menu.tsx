import type { CallClient } from "@parlor/client";
import type { CallAction } from "@parlor/protocol";
import { Hand, MicOff, MonitorOff, PanelTop, UserX, VideoOff } from "lucide-react";
import { MenuItem } from "../../ui/menu.js";
import { callWords } from "./call-words.js";
import type { TileItem } from "./tiles.js";

interface TileMenuProps {
  readonly tile: TileItem;
  readonly client: CallClient;
  readonly isModerator: boolean;
  readonly isLarge: boolean;
  readonly onPin: () => void;
}

/** What can be done with a tile: look at it, and what moderators may do to its person. */
export function TileMenu({ tile, client, isModerator, isLarge, onPin }: TileMenuProps) {
  const words = callWords();
  const { person, name } = tile;
  const act = (action: CallAction) => () => client.moderate(action, tile.legId);
  const mayModerate = isModerator && person !== null;
  return (
    <>
      <MenuItem icon={PanelTop} label={isLarge ? words.unpin : words.pin(name)} onSelect={onPin} />
      {mayModerate && person.media.audio ? (
        <MenuItem icon={MicOff} label={words.muteThem} onSelect={act("mute")} />
      ) : null}
      {mayModerate && person.media.video ? (
        <MenuItem icon={VideoOff} label={words.stopVideo} onSelect={act("stop-video")} />
      ) : null}
      {mayModerate && person.media.screen ? (
        <MenuItem icon={MonitorOff} label={words.stopScreen} onSelect={act("stop-screen")} />
      ) : null}
      {mayModerate && person.hand !== null ? (
        <MenuItem icon={Hand} label={words.lowerTheirHand} onSelect={act("lower-hand")} />
      ) : null}
      {mayModerate ? <MenuItem icon={UserX} label={words.remove} danger onSelect={act("remove")} /> : null}
    </>
  );
}
