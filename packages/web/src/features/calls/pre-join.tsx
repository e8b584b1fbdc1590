import type { CallInfo, Profile } from "@parlor/protocol";
import { Mic, MicOff, Settings2, Video, VideoOff } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "wouter";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { IconButton } from "../../ui/icon-button.js";
import { Notice } from "../../ui/notice.js";
import { words as pageWords } from "../../words/words.js";
import { callPreferences, preferForCalls } from "./call-preferences.js";
import { callWords, explainCall } from "./call-words.js";
import { DeviceFields } from "./device-fields.js";
import { joinCall } from "./join-call.js";
import { LevelMeter } from "./level-meter.js";
import { RecordingMark } from "./recording-mark.js";
import { useDevices } from "./use-devices.js";
import { useOwnMedia } from "./use-own-media.js";
import { VideoView } from "./video-view.js";

/** What getting ready needs to know of the room. */
export interface PreJoinProps {
  readonly roomId: string;
  readonly roomName: string;
  readonly userId: string;
  readonly call: CallInfo | null;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Whether the others are rung. */
  readonly rings: boolean;
  readonly onClose: () => void;
}

const NAMED = 3;

function Preview({ track }: { track: MediaStreamTrack }) {
  const stream = useMemo(() => new MediaStream([track]), [track]);
  return <VideoView stream={stream} label={callWords().preview} isMirrored className="absolute inset-0" />;
}

/** Getting ready: picture, loudness, devices, and who is there already. */
export function PreJoin({ roomId, roomName, userId, call, profiles, rings, onClose }: PreJoinProps) {
  const words = callWords();
  const { microphone, camera } = useOwnMedia();
  const [isMuted, setMuted] = useState(() => callPreferences().isMuted);
  const [isShowingMore, setShowingMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const devices = useDevices(`${microphone.track?.id} ${camera.track?.id}`);
  const names = (call?.people ?? []).slice(0, NAMED).map((id) => profiles.get(id)?.username ?? "…");
  const trouble = microphone.error ?? camera.error;

  async function join() {
    setBusy(true);
    setError(null);
    preferForCalls({ isMuted, isCameraOff: camera.track === null });
    const wantsCamera = camera.track !== null;
    try {
      const options = {
        microphone: microphone.take(),
        camera: camera.take(),
        isMuted: isMuted || callPreferences().pushToTalk,
      };
      await joinCall(roomId, userId, { ...options, ...(rings ? { ring: true as const } : {}) });
    } catch (cause) {
      // The call has stopped the tracks with its refusal.
      setError(explainCall(cause));
      setBusy(false);
      if (microphone.track) void microphone.open();
      if (wantsCamera) void camera.open();
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={words.readyTitle}
      description={
        call && names.length > 0 ? words.inCall(names, call.people.length - names.length) : roomName
      }
    >
      <div className="grid gap-4 px-5 pt-2 pb-5 sm:px-6">
        <div className="relative grid aspect-4/3 place-items-center sm:aspect-video overflow-hidden rounded-lg bg-sunken ring-1 ring-line">
          {camera.track ? (
            <Preview track={camera.track} />
          ) : (
            <p className="flex flex-col items-center gap-2 pb-10 text-sm text-ink-soft">
              <VideoOff aria-hidden="true" className="size-7" strokeWidth={1.6} />
              {words.cameraIsOff}
            </p>
          )}
          <div className="absolute inset-x-0 bottom-2.5 flex justify-center gap-2">
            <IconButton
              icon={isMuted || !microphone.track ? MicOff : Mic}
              label={isMuted || !microphone.track ? words.unmute : words.mute}
              aria-pressed={isMuted || !microphone.track}
              disabled={microphone.busy}
              onClick={() => (microphone.track ? setMuted(!isMuted) : void microphone.open())}
              className="bg-surface/90 shadow-1 aria-pressed:text-danger"
            />
            <IconButton
              icon={camera.track ? Video : VideoOff}
              label={camera.track ? words.cameraOff : words.cameraOn}
              aria-pressed={!camera.track}
              disabled={camera.busy}
              onClick={() => (camera.track ? camera.close() : void camera.open())}
              className="bg-surface/90 shadow-1 aria-pressed:text-danger"
            />
            <IconButton
              icon={Settings2}
              label={words.settings}
              aria-expanded={isShowingMore}
              active={isShowingMore}
              onClick={() => setShowingMore(!isShowingMore)}
              className="bg-surface/90 shadow-1"
            />
          </div>
        </div>
        <RecordingMark recording={call?.recording ?? null} profiles={profiles} />
        {microphone.track ? <LevelMeter track={microphone.track} /> : null}
        {trouble ? (
          <Notice kind="info">
            <p>{explainCall(trouble)}</p>
            {microphone.track ? null : <p>{words.listenHint}</p>}
          </Notice>
        ) : null}
        {error ? <Notice>{error}</Notice> : null}
        {isShowingMore ? (
          <div className="grid gap-3.5">
            <DeviceFields
              devices={devices}
              onMicrophone={() => void microphone.open()}
              onCamera={() => void camera.open()}
            />
          </div>
        ) : null}
        <div className="flex flex-wrap items-center justify-end gap-x-2 gap-y-3">
          <Link
            href={`/check?room=${encodeURIComponent(roomId)}`}
            onClick={onClose}
            className="me-auto rounded-sm text-sm text-accent hover:underline"
          >
            {words.check.link}
          </Link>
          {/* The two stay beside each other, whatever the words above them are long. */}
          <div className="ms-auto flex gap-2">
            <Button variant="quiet" onClick={onClose}>
              {pageWords.common.cancel}
            </Button>
            <Button variant="primary" busy={busy} data-autofocus onClick={() => void join()}>
              {microphone.track || microphone.busy ? (call ? words.joinCall : words.start) : words.listen}
            </Button>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
