import type { Attachment } from "@parlor/protocol";
import { Pause, Play } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { words } from "../../words/words.js";
import { formatLength } from "./attachment.js";
import { FileRow } from "./file-row.js";

const SPEEDS = [1, 1.5, 2] as const;
const STEP_MS = 5_000;
/** Only one voice at a time. */
let speaking: HTMLAudioElement | null = null;

interface VoiceBarProps {
  readonly src: string;
  readonly durationMs: number;
  readonly waveform: readonly number[] | null;
  readonly onError?: () => void;
}

/** The shape of what was said; what was heard already is stronger. */
function Waveform({ peaks, part }: { peaks: readonly number[]; part: number }) {
  const width = 100 / peaks.length;
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 100 32"
      preserveAspectRatio="none"
      className="size-full rtl:-scale-x-100"
    >
      {peaks.map((peak, index) => {
        const height = Math.max(2, (peak / 255) * 30);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no other identity than their place.
            key={index}
            x={index * width + width * 0.2}
            y={16 - height / 2}
            width={width * 0.6}
            height={height}
            rx={0.4}
            className={(index + 0.5) / peaks.length <= part ? "fill-accent" : "fill-line-strong"}
          />
        );
      })}
    </svg>
  );
}

/** Play, seek and speed of a voice message. */
export function VoiceBar({ src, durationMs, waveform, onError }: VoiceBarProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(0);
  const rate = SPEEDS[speed] ?? 1;
  const peaks = waveform && waveform.length > 0 ? waveform : new Array<number>(40).fill(48);
  const part = Math.min(1, at / durationMs);

  function toggle() {
    const element = audio.current;
    if (!element) return;
    if (!element.paused) return element.pause();
    if (speaking !== element) speaking?.pause();
    speaking = element;
    element.playbackRate = rate;
    void element.play().catch(() => setPlaying(false));
  }
  function seek(ms: number) {
    const to = Math.max(0, Math.min(durationMs, ms));
    setAt(to);
    if (audio.current) audio.current.currentTime = to / 1000;
  }
  function seekTo(event: PointerEvent<HTMLElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    const from = (event.clientX - box.left) / box.width;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    seek((isRtl ? 1 - from : from) * durationMs);
  }
  function onKey(event: KeyboardEvent) {
    const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const to =
      event.key === forward || event.key === "ArrowUp"
        ? at + STEP_MS
        : event.key === back || event.key === "ArrowDown"
          ? at - STEP_MS
          : event.key === "Home"
            ? 0
            : event.key === "End"
              ? durationMs
              : null;
    if (to === null) return;
    // The timeline would move to another line.
    event.preventDefault();
    event.stopPropagation();
    seek(to);
  }
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2.5">
      {/* biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what people say to each other. */}
      <audio
        ref={audio}
        src={src}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime * 1000)}
        onEnded={() => {
          setPlaying(false);
          setAt(0);
        }}
        onError={onError}
      />
      <button
        type="button"
        aria-label={playing ? words.files.pause : words.files.play}
        onClick={toggle}
        className="grid size-9 shrink-0 place-items-center rounded-full bg-accent text-on-accent hover:bg-accent-strong"
      >
        {playing ? (
          <Pause aria-hidden="true" className="size-4 fill-current" />
        ) : (
          <Play aria-hidden="true" className="size-4 translate-x-px fill-current" />
        )}
      </button>
      <div
        role="slider"
        tabIndex={0}
        aria-label={words.files.position}
        aria-valuemin={0}
        aria-valuemax={Math.round(durationMs / 1000)}
        aria-valuenow={Math.round(at / 1000)}
        aria-valuetext={words.files.positionOf(formatLength(at), formatLength(durationMs))}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event)}
        className="h-8 min-w-0 flex-1 cursor-pointer touch-none rounded-sm"
      >
        <Waveform peaks={peaks} part={part} />
      </div>
      <span className="shrink-0 text-xs text-ink-soft tabular-nums">
        {formatLength(playing || at > 0 ? at : durationMs)}
      </span>
      <button
        type="button"
        aria-label={words.files.speed(rate)}
        onClick={() => {
          const next = (speed + 1) % SPEEDS.length;
          setSpeed(next);
          if (audio.current) audio.current.playbackRate = SPEEDS[next] ?? 1;
        }}
        className="w-9 shrink-0 rounded-sm bg-hover py-1 text-xs font-semibold text-ink-soft tabular-nums hover:bg-pressed"
      >
        {rate}×
      </button>
    </div>
  );
}

/** A voice message in the timeline. */
export function VoicePlayer({ file }: { file: Attachment }) {
  const [failed, setFailed] = useState(false);
  if (failed) return <FileRow file={file} note={words.files.cannotPlay} />;
  return (
    <fieldset
      aria-label={words.files.voice}
      className="w-80 max-w-full rounded-lg bg-surface px-2.5 ring-1 ring-line"
    >
      {/* A fieldset itself cannot centre what is in it. */}
      <div className="flex h-14 items-center">
        <VoiceBar
          src={file.url}
          durationMs={file.duration_ms ?? 1}
          waveform={file.waveform}
          onError={() => setFailed(true)}
        />
      </div>
    </fieldset>
  );
}
