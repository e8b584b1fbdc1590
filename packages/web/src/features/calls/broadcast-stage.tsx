import { type BroadcastsClient, openBroadcasts } from "@parlor/client";
import { Maximize2, Radio, Volume2, VolumeX, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { holdRoom } from "../../lib/held-rooms.js";
import { useTakeStage } from "../../lib/stage.js";
import { Spinner } from "../../ui/spinner.js";
import { toast } from "../../ui/toast.js";
import { callWords } from "./call-words.js";
import { ControlButton } from "./control-button.js";

/** A list of broadcasts that came anew after a lost connection may be on its way for so long. */
const MISSING_FOR = 2_000;

/** What watching needs. Give it the broadcaster as its `key`. */
export interface BroadcastStageProps {
  readonly roomId: string;
  readonly userId: string;
  readonly broadcasterId: string;
  readonly name: string;
  /** Whether the room has this broadcast; `null` while that is not known. */
  readonly isLive: boolean | null;
  readonly onClose: () => void;
}

/** The stream of a broadcast; `null` until its pictures come. `onOver` is called when it ends. */
function useBroadcast(
  { roomId, userId, broadcasterId }: BroadcastStageProps,
  onOver: () => void,
): MediaStream | null {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const over = useRef(onOver);
  over.current = onOver;
  useEffect(() => {
    const { client: room, release } = holdRoom(roomId, userId);
    const client: BroadcastsClient = openBroadcasts(room);
    client.watch(broadcasterId);
    const stop = client.subscribe(() => {
      const { watching } = client.state;
      if (watching) setStream(watching.stream);
      else over.current();
    });
    return () => {
      stop();
      client.close();
      release();
    };
  }, [roomId, userId, broadcasterId]);
  return stream;
}

/** Somebody's broadcast in its room's page, with the chat beside it. */
export function BroadcastStage(props: BroadcastStageProps) {
  const { name, isLive, onClose } = props;
  const words = callWords();
  const video = useRef<HTMLVideoElement>(null);
  const [isSilent, setSilent] = useState(false);
  useTakeStage("split");
  function end() {
    toast(words.broadcastOver(name));
    onClose();
  }
  const stream = useBroadcast(props, end);
  const over = useRef(end);
  over.current = end;
  useEffect(() => {
    if (isLive !== false) return;
    const timer = setTimeout(() => over.current(), MISSING_FOR);
    return () => clearTimeout(timer);
  }, [isLive]);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    element.play().catch((error: unknown) => {
      // Without sound every browser lets it play.
      if (error instanceof DOMException && error.name === "NotAllowedError") setSilent(true);
    });
  }, [stream]);
  return (
    <section
      aria-label={words.broadcastOf(name)}
      className="relative z-10 flex min-h-0 min-w-0 flex-1 basis-0 flex-col bg-sunken p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]"
    >
      <div className="relative grid min-h-0 flex-1 place-items-center overflow-hidden rounded-lg bg-surface shadow-1">
        <video
          ref={video}
          aria-label={words.broadcastOf(name)}
          autoPlay
          playsInline
          muted={isSilent}
          className="absolute inset-0 size-full object-contain"
        />
        {stream ? null : (
          <p role="status" className="flex items-center gap-2 text-sm text-ink-soft">
            <Spinner />
            {words.connecting}
          </p>
        )}
        <p className="absolute start-1.5 bottom-1.5 flex max-w-[calc(100%-0.75rem)] items-center gap-1.5 rounded-md bg-surface/90 px-2 py-0.5 text-xs font-medium">
          <Radio aria-hidden="true" className="size-3.5 shrink-0 text-brass" />
          <span className="truncate">{words.isLive(name)}</span>
        </p>
      </div>
      <div
        role="toolbar"
        aria-label={words.broadcastControls}
        className="flex shrink-0 flex-wrap items-center justify-center gap-2 pt-2"
      >
        <ControlButton
          icon={isSilent ? VolumeX : Volume2}
          label={isSilent ? words.soundOn : words.soundOff}
          look={isSilent ? "off" : "plain"}
          onClick={() => setSilent(!isSilent)}
        />
        {document.fullscreenEnabled ? (
          <ControlButton
            icon={Maximize2}
            label={words.fullScreen}
            onClick={() => void video.current?.requestFullscreen().catch(() => {})}
          />
        ) : null}
        <ControlButton icon={X} label={words.stopWatching} look="leave" onClick={onClose} />
      </div>
    </section>
  );
}
