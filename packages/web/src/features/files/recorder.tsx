import { Check, SendHorizontal, Square, Trash2, X } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { IconButton } from "../../ui/icon-button.js";
import { words } from "../../words/words.js";
import { formatLength } from "./attachment.js";
import type { ComposerFiles } from "./use-tray.js";
import { VoiceBar } from "./voice-player.js";
import { LONGEST_MS, startRecorder, type VoiceNote, type VoiceRecorder } from "./voice-recorder.js";

/** A recording that is left alone is kept from this length on. */
const WORTH_MS = 1_000;
/** Said when so much is left. */
const WARN_MS = 60_000;
const BARS = 48;

type Stage =
  | { readonly name: "asking" | "recording" }
  | { readonly name: "preview"; readonly note: VoiceNote; readonly url: string }
  | { readonly name: "refused"; readonly why: string };

function whyRefused(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return words.files.microphoneDenied;
  if (name === "NotFoundError") return words.files.microphoneMissing;
  return words.files.microphoneBusy;
}

/** Loudness of the last seconds, newest at the end. */
function Meter({ levels }: { levels: readonly number[] }) {
  return (
    <span
      aria-hidden="true"
      className="flex h-7 min-w-0 flex-1 items-center justify-end gap-0.5 overflow-hidden"
    >
      {levels.map((level, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no other identity than their place.
          key={index}
          className="w-0.75 shrink-0 rounded-full bg-accent"
          style={{ height: `${Math.max(10, level * 100)}%` }}
        />
      ))}
    </span>
  );
}

/** The rest of the composer takes neither key nor press while this covers it. */
function useAlone(cover: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const box = cover.current;
    const covered = [...(box?.parentElement?.children ?? [])].filter((child) => child !== box);
    for (const element of covered) element.setAttribute("inert", "");
    return () => {
      for (const element of covered) element.removeAttribute("inert");
    };
  }, [cover]);
}

/** What the finger on the button wants of a recording. */
export type Gesture = "held" | "free" | "released" | "slid";

interface RecorderProps {
  readonly gesture: Gesture;
  readonly files: ComposerFiles;
  readonly onClose: () => void;
}

function useRecording({ gesture, files, onClose }: RecorderProps) {
  const [stage, setStage] = useState<Stage>({ name: "asking" });
  const [levels, setLevels] = useState<readonly number[]>([]);
  const [elapsed, setElapsed] = useState(0);
  const recorder = useRef<VoiceRecorder | null>(null);
  const note = useRef<VoiceNote | null>(null);
  const left = useRef(false);
  const add = useRef(files.addVoice);

  useEffect(() => {
    const stop = new AbortController();
    left.current = false;
    let url = "";
    const take = (finished: VoiceNote | null) => {
      if (left.current) {
        // The room was left in the middle: what was said waits there.
        if (finished && finished.durationMs >= WORTH_MS) add.current(finished.file, finished, false);
        return;
      }
      if (!finished) return setStage({ name: "refused", why: words.files.microphoneBusy });
      note.current = finished;
      url = URL.createObjectURL(finished.file);
      setStage({ name: "preview", note: finished, url });
    };
    const onLevel = (level: number, ms: number) => {
      setElapsed(ms);
      setLevels((before) => [...before.slice(1 - BARS), level]);
    };
    startRecorder({ onLevel, onEnd: take }, stop.signal).then(
      (started) => {
        recorder.current = started;
        if (left.current) return started.cancel();
        setStage({ name: "recording" });
      },
      (error) => stop.signal.aborted || setStage({ name: "refused", why: whyRefused(error) }),
    );
    return () => {
      left.current = true;
      stop.abort();
      if (note.current) take(note.current);
      else recorder.current?.stop();
      if (url) URL.revokeObjectURL(url);
    };
  }, []);

  const cancel = () => {
    note.current = null;
    recorder.current?.cancel();
    recorder.current = null;
    onClose();
  };
  const send = () => {
    const finished = note.current;
    note.current = null;
    if (finished) files.addVoice(finished.file, finished, true);
    onClose();
  };
  const stop = () => recorder.current?.stop();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the finger acts once, when it moves or the recording is there.
  useEffect(() => {
    if (gesture === "slid") cancel();
    else if (gesture === "released" && stage.name === "recording") stop();
  }, [gesture, stage.name]);

  useEffect(() => {
    if (stage.name !== "recording" && stage.name !== "preview") return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [stage.name]);

  return { stage, levels, elapsed, cancel, send, stop };
}

/** Records a voice message in the place of the composer: level and time, then a preview, then it goes. */
export function Recorder(props: RecorderProps) {
  const { stage, levels, elapsed, cancel, send, stop } = useRecording(props);
  const cover = useRef<HTMLElement>(null);
  useAlone(cover);
  useEffect(() => {
    if (stage.name !== "asking") cover.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, [stage.name]);
  const hint = props.gesture === "held" ? words.files.holdHint : words.files.longest(LONGEST_MS / 60_000);
  return (
    <section
      ref={cover}
      aria-label={words.files.recorder}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        cancel();
      }}
      className="absolute inset-0 z-10 flex min-h-full items-center gap-2 rounded-lg bg-surface px-1.5"
    >
      <IconButton
        icon={stage.name === "refused" ? X : Trash2}
        label={stage.name === "refused" ? words.common.close : words.files.discard}
        data-first={stage.name === "refused" ? "" : undefined}
        onClick={cancel}
        className="size-9"
      />
      {stage.name === "refused" ? (
        <p role="alert" className="min-w-0 flex-1 text-sm text-danger">
          {stage.why}
        </p>
      ) : stage.name === "preview" ? (
        <>
          <VoiceBar src={stage.url} durationMs={stage.note.durationMs} waveform={stage.note.waveform} />
          <button
            type="button"
            data-first=""
            aria-label={words.files.sendVoice}
            onClick={send}
            className="grid size-9 shrink-0 place-items-center rounded-md bg-accent text-on-accent hover:bg-accent-strong"
          >
            <SendHorizontal aria-hidden="true" className="size-4.5" />
          </button>
        </>
      ) : (
        <>
          <span className="size-2.5 shrink-0 animate-breathe rounded-full bg-danger" aria-hidden="true" />
          <span className="shrink-0 text-sm tabular-nums">{formatLength(elapsed)}</span>
          <span
            role="status"
            className={`shrink-0 truncate text-xs max-sm:max-w-28 ${elapsed > LONGEST_MS - WARN_MS ? "text-danger" : "text-ink-faint"}`}
          >
            {stage.name === "asking" ? words.files.asking : hint}
          </span>
          <Meter levels={levels} />
          <IconButton
            icon={props.gesture === "held" ? Check : Square}
            data-first=""
            label={words.files.stop}
            disabled={stage.name === "asking"}
            onClick={stop}
            className="size-9"
          />
        </>
      )}
    </section>
  );
}
