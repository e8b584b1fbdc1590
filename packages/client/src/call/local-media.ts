import type { CallMedia } from "@parlor/protocol";
import type { CallPlatform, Meter } from "./platform.js";
import { SLOTS, type Tracks } from "./slots.js";
import { createSpeaking } from "./speaking.js";

/** How long "you are muted" stays after the last word. */
const REMIND_FOR = 3_000;

/** What this tab has to send, and the one owner of its tracks. `onChange` is called when any of it changes. */
export function createLocalMedia(
  platform: CallPlatform,
  onChange: (stopped: "camera" | "screen" | "microphone" | null) => void,
) {
  let microphone: MediaStreamTrack | null = null;
  let camera: MediaStreamTrack | null = null;
  let screen: MediaStream | null = null;
  let isMuted = false;
  let meter: Meter | null = null;
  let speaking = createSpeaking();
  let saidAt = Number.NEGATIVE_INFINITY;
  let preview: MediaStream | null = null;
  let level = 0;
  let isSpeaking = false;

  const screenTrack = () => screen?.getVideoTracks()[0] ?? null;

  /** Notes that the device or the browser's own button ended a track. */
  function watch(
    track: MediaStreamTrack,
    what: "camera" | "screen" | "microphone",
    isCurrent: () => boolean,
  ): void {
    track.addEventListener("ended", () => {
      if (!isCurrent()) return;
      if (what === "camera") setCamera(null);
      else if (what === "screen") setScreen(null);
      else setMicrophone(null);
      onChange(what);
    });
  }

  function setMicrophone(track: MediaStreamTrack | null): void {
    if (track === microphone) return;
    microphone?.stop();
    meter?.close();
    microphone = track;
    meter = track && platform.createMeter(track);
    speaking = createSpeaking();
    level = 0;
    isSpeaking = false;
    if (track) watch(track, "microphone", () => microphone === track);
  }

  function setCamera(track: MediaStreamTrack | null): void {
    if (track === camera) return;
    camera?.stop();
    camera = track;
    preview = null;
    if (!track) return;
    preview = platform.createStream();
    preview.addTrack(track);
    watch(track, "camera", () => camera === track);
  }

  function setScreen(stream: MediaStream | null): void {
    if (stream === screen) return;
    for (const track of screen?.getTracks() ?? []) track.stop();
    screen = stream;
    const track = screenTrack();
    if (!stream || !track) return;
    // Letters matter more than motion.
    track.contentHint = "detail";
    watch(track, "screen", () => screen === stream);
  }

  return {
    setMicrophone,
    setCamera,
    setScreen,
    setMuted(value: boolean): void {
      isMuted = value;
      saidAt = Number.NEGATIVE_INFINITY;
    },
    get camera() {
      return camera;
    },
    get preview() {
      return preview;
    },
    get screen() {
      return screen;
    },
    get hasMicrophone() {
      return microphone !== null;
    },
    get isMuted() {
      return isMuted;
    },
    get level() {
      return level;
    },
    get isSpeaking() {
      return isSpeaking;
    },
    isTalkingMuted: (now: number): boolean => isMuted && Math.abs(now - saidAt) < REMIND_FOR,

    /** Looks at the microphone. */
    measure(now: number): void {
      level = meter?.read() ?? 0;
      isSpeaking = speaking(level, now);
      if (isSpeaking && isMuted) saidAt = now;
    },

    get media(): CallMedia {
      return {
        audio: microphone !== null && !isMuted,
        video: camera !== null,
        screen: screenTrack() !== null,
      };
    },

    /** What goes into each place. A muted microphone sends nothing at all. */
    get tracks(): Tracks {
      const sound = screen?.getAudioTracks()[0] ?? null;
      return { voice: isMuted ? null : microphone, camera, screen: screenTrack(), sound };
    },

    /** Lets go of all devices. */
    stop(): void {
      setMicrophone(null);
      setCamera(null);
      setScreen(null);
    },
  };
}

/** Whether two sets of tracks are the same. */
export function sameTracks(a: Tracks, b: Tracks): boolean {
  return SLOTS.every((slot) => a[slot] === b[slot]);
}
