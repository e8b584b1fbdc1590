import { Maximize2, Mic, MicOff, PhoneOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { toast } from "../../ui/toast.js";
import { roomPath } from "../rooms/public.js";
import { toggleMute } from "./call-actions.js";
import { CallSound } from "./call-sound.js";
import type { CurrentCall } from "./call-store.js";
import { callWords, explainCallCode } from "./call-words.js";
import { ControlButton } from "./control-button.js";
import { RecordingMark } from "./recording-mark.js";
import { Tile } from "./tile.js";
import { useCall } from "./use-call.js";
import { useCallKeys } from "./use-call-keys.js";
import { useTiles } from "./use-tiles.js";

const WIDTH = 208;
const HEIGHT = 117;

/** The call while another page is shown: who speaks, and the way back. */
function MiniWindow({ current, userId }: { current: CurrentCall; userId: string }) {
  const { client, room, roomId } = current;
  const words = callWords();
  const [, navigate] = useLocation();
  const { state, tiles } = useTiles(client, room, userId);
  const others = tiles.filter(({ isMe }) => !isMe);
  const shown =
    others.find(({ isScreen }) => isScreen) ??
    others.find(({ isSpeaking }) => isSpeaking) ??
    others[0] ??
    tiles[0];
  const isSilent = state.me.isMuted || !state.me.hasMicrophone;
  return (
    <section
      aria-label={words.stage}
      className="fixed end-3 bottom-28 z-30 grid animate-rise gap-1.5 rounded-xl bg-sunken p-1.5 shadow-3 ring-1 ring-line"
    >
      <RecordingMark recording={state.recording} profiles={room.state.profiles} isSmall />
      <ul>{shown ? <Tile tile={shown} width={WIDTH} height={HEIGHT} emoji={null} menu={null} /> : null}</ul>
      <div className="flex justify-between gap-1.5">
        <ControlButton
          icon={isSilent ? MicOff : Mic}
          label={isSilent ? words.unmute : words.mute}
          look={isSilent ? "off" : "plain"}
          onClick={() => toggleMute(client)}
        />
        <ControlButton
          icon={Maximize2}
          label={words.back}
          onClick={() => navigate(roomPath(roomId))}
          className="flex-1"
        />
        <ControlButton icon={PhoneOff} label={words.leave} look="leave" onClick={() => client.leave()} />
      </div>
    </section>
  );
}

/** Says once that the call is recorded, also to who has just come, and that it is no more. */
function useRecordingNews({ client, room }: CurrentCall): void {
  const { recording } = useCall(client);
  const told = useRef<string | null>(null);
  useEffect(() => {
    const id = recording?.id ?? null;
    if (id === told.current) return;
    told.current = id;
    const words = callWords();
    if (!recording) toast(words.recordedNoMore);
    else toast(words.recordedBy(room.state.profiles.get(recording.by)?.username ?? "…"), "error");
  }, [recording, room]);
}

/** Says once what a moderator did, and what was refused. */
function useNotices({ client }: CurrentCall): void {
  const { notice } = useCall(client);
  const told = useRef(notice?.id ?? 0);
  useEffect(() => {
    if (!notice || notice.id <= told.current) return;
    told.current = notice.id;
    const words = callWords();
    const moderated: Partial<Record<string, string>> = words.moderated;
    if (notice.kind === "moderated") toast(moderated[notice.action ?? ""] ?? notice.detail);
    else if (notice.kind === "media-stopped") toast(words.mediaStopped, "error");
    else toast(explainCallCode(notice.code ?? "internal", notice.detail), "error");
  }, [notice]);
}

/** What goes on with a call on whatever page: its sound, its keys, its news, and the small window. */
export function LiveCall({
  current,
  userId,
  isAway,
}: {
  current: CurrentCall;
  userId: string;
  isAway: boolean;
}) {
  const { people } = useCall(current.client);
  useCallKeys(current.client);
  useNotices(current);
  useRecordingNews(current);
  return (
    <>
      <CallSound people={people} />
      {isAway ? <MiniWindow current={current} userId={userId} /> : null}
    </>
  );
}
