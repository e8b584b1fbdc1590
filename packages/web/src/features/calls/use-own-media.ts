import { useCallback, useEffect, useRef, useState } from "react";
import { callPreferences } from "./call-preferences.js";
import { openOwnCamera, openOwnMicrophone } from "./open-devices.js";

/** A device before a call: its track, or why there is none. */
export interface OwnDevice {
  readonly track: MediaStreamTrack | null;
  readonly error: unknown;
  readonly busy: boolean;
  readonly open: () => Promise<void>;
  readonly close: () => void;
  /** Gives the track away: it is not stopped with the page any more. */
  readonly take: () => MediaStreamTrack | null;
}

function useDevice(opener: () => Promise<MediaStreamTrack>): OwnDevice {
  const [shown, setShown] = useState<{ track: MediaStreamTrack | null; error: unknown; busy: boolean }>({
    track: null,
    error: null,
    busy: false,
  });
  const own = useRef<MediaStreamTrack | null>(null);
  const turn = useRef(0);
  const close = useCallback(() => {
    turn.current += 1;
    own.current?.stop();
    own.current = null;
    setShown({ track: null, error: null, busy: false });
  }, []);
  const open = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    setShown((before) => ({ ...before, error: null, busy: true }));
    try {
      const track = await opener();
      if (mine !== turn.current) return track.stop();
      own.current?.stop();
      own.current = track;
      setShown({ track, error: null, busy: false });
    } catch (error) {
      if (mine === turn.current) setShown({ track: own.current, error, busy: false });
    }
  }, [opener]);
  useEffect(() => close, [close]);
  const take = useCallback(() => {
    const track = own.current;
    own.current = null;
    return track;
  }, []);
  return { ...shown, open, close, take };
}

/** Microphone and camera while somebody gets ready; both are let go with the page. */
export function useOwnMedia(): { microphone: OwnDevice; camera: OwnDevice } {
  const microphone = useDevice(openOwnMicrophone);
  const camera = useDevice(openOwnCamera);
  const [openMicrophone, openCamera] = [microphone.open, camera.open];
  useEffect(() => {
    // One question of the browser after the other.
    void openMicrophone().then(() => {
      if (!callPreferences().isCameraOff) void openCamera();
    });
  }, [openMicrophone, openCamera]);
  return { microphone, camera };
}
