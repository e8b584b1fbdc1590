import { useEffect, useRef, useState } from "react";
import { cx } from "../../lib/cx.js";
import { useTakeStage } from "../../lib/stage.js";
import { useMedia } from "../../lib/use-media.js";
import { Button } from "../../ui/button.js";
import { Spinner } from "../../ui/spinner.js";
import { useInbox } from "../rooms/public.js";
import { CallSettings } from "./call-settings.js";
import { type CurrentCall, setCalls, useCalls } from "./call-store.js";
import { callWords } from "./call-words.js";
import { Controls } from "./controls.js";
import { RecordDialog } from "./record-dialog.js";
import { RecordingMark } from "./recording-mark.js";
import { StageNotes } from "./stage-notes.js";
import { StatsDialog } from "./stats-dialog.js";
import { TileField } from "./tile-field.js";
import { largeOf, type TileItem } from "./tiles.js";
import { useTiles } from "./use-tiles.js";

/** What the stage needs. */
export interface StageProps {
  readonly current: CurrentCall;
  readonly userId: string;
}

/** Who spoke last, so that the large picture does not go away in a pause. */
function useLastSpeaker(tiles: readonly TileItem[]): string | null {
  const speaking = tiles.find((tile) => tile.isSpeaking && !tile.isMe && !tile.isScreen)?.key ?? null;
  const [last, setLast] = useState(speaking);
  useEffect(() => {
    if (speaking) setLast(speaking);
  }, [speaking]);
  return last;
}

/** The call in its room's page. */
export function Stage({ current, userId }: StageProps) {
  const { client, room } = current;
  const words = callWords();
  const { state, tiles } = useTiles(client, room, userId);
  const { chat } = useCalls();
  const isWide = useMedia("(min-width: 1024px)");
  const isChatShown = chat ?? isWide;
  const unread = useInbox()?.rooms.find(({ id }) => id === current.roomId)?.unread ?? 0;
  const [pinned, setPinned] = useState<string | null>(null);
  const [followsSpeaker, setFollowsSpeaker] = useState(false);
  const [dialog, setDialog] = useState<"settings" | "stats" | "record" | null>(null);
  const stage = useRef<HTMLElement>(null);
  const large = largeOf(tiles, pinned, followsSpeaker, useLastSpeaker(tiles));
  useTakeStage(isChatShown ? "split" : "full");
  const isEntering = state.status === "joining" || state.status === "waiting";

  function showWindow() {
    const video = stage.current?.querySelector<HTMLVideoElement>("video");
    // What the browser refuses leaves all as it is.
    video?.requestPictureInPicture().catch(() => {});
  }
  return (
    <section
      ref={stage}
      aria-label={words.stage}
      className={cx(
        "z-10 flex min-h-0 min-w-0 flex-1 basis-0 flex-col bg-sunken p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]",
        isChatShown ? "relative" : "absolute inset-0",
      )}
    >
      <RecordingMark recording={state.recording} profiles={room.state.profiles} />
      {isEntering ? (
        <div
          role="status"
          className="grid flex-1 place-content-center justify-items-center gap-3 p-6 text-center text-ink-soft"
        >
          <Spinner />
          <p>{state.status === "waiting" ? words.waiting : words.joining}</p>
          <Button onClick={() => client.leave()}>{words.leave}</Button>
        </div>
      ) : (
        <>
          <StageNotes client={client} state={state} />
          <TileField
            client={client}
            tiles={tiles}
            large={large}
            reactions={state.reactions}
            isModerator={state.me.isModerator}
            onPin={(key) => {
              setPinned(key);
              if (key === null) setFollowsSpeaker(false);
            }}
          />
          <Controls
            client={client}
            state={state}
            isChatShown={isChatShown}
            unread={isChatShown ? 0 : unread}
            followsSpeaker={followsSpeaker}
            onToggleChat={() => setCalls({ chat: !isChatShown })}
            onToggleSpeaker={() => setFollowsSpeaker(!followsSpeaker)}
            onSettings={() => setDialog("settings")}
            onStats={() => setDialog("stats")}
            onRecord={() => setDialog("record")}
            onWindow={document.pictureInPictureEnabled ? showWindow : null}
          />
        </>
      )}
      {dialog === "settings" ? <CallSettings client={client} onClose={() => setDialog(null)} /> : null}
      <RecordDialog client={client} open={dialog === "record"} onClose={() => setDialog(null)} />
      {dialog === "stats" ? <StatsDialog tiles={tiles} onClose={() => setDialog(null)} /> : null}
    </section>
  );
}
