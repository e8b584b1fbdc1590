import { LIMITS } from "@parlor/protocol";

/** Longest voice message. */
export const LONGEST_MS = 10 * 60_000;
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"] as const;
/** Enough for a voice: ten minutes are 2.4 MB. */
const BITS = 32_000;
const SAMPLE_MS = 60;

/** A finished recording. */
export interface VoiceNote {
  readonly file: File;
  readonly durationMs: number;
  readonly waveform: readonly number[];
}

/** What a recorder tells while it runs. */
export interface RecorderEvents {
  /** Loudness from 0 to 1, and the milliseconds so far. */
  onLevel(level: number, elapsedMs: number): void;
  /** The recording is finished, by `stop` or by its longest time; `null` when nothing came. */
  onEnd(note: VoiceNote | null): void;
}

/** A recording that runs. */
export interface VoiceRecorder {
  stop(): void;
  /** Throws what came away. */
  cancel(): void;
}

/** Asks for the microphone and records; throws the browser's `DOMException` where it may not. */
export async function startRecorder(events: RecorderEvents, signal: AbortSignal): Promise<VoiceRecorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const release = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) release();
  signal.throwIfAborted();
  const type = TYPES.find((known) => MediaRecorder.isTypeSupported(known));
  const recorder = new MediaRecorder(stream, {
    ...(type ? { mimeType: type } : {}),
    audioBitsPerSecond: BITS,
  });
  const parts: Blob[] = [];
  const peaks: number[] = [];
  const meter = createMeter(stream);
  const begun = performance.now();
  let elapsed = 0;
  let cancelled = false;

  const timer = setInterval(() => {
    elapsed = performance.now() - begun;
    const level = meter.read();
    peaks.push(level);
    events.onLevel(level, elapsed);
    if (elapsed >= LONGEST_MS) stop();
  }, SAMPLE_MS);
  recorder.ondataavailable = ({ data }) => data.size > 0 && parts.push(data);
  recorder.onstop = () => {
    clearInterval(timer);
    meter.close();
    release();
    if (cancelled) return;
    events.onEnd(parts.length > 0 ? noteOf(parts, recorder.mimeType, elapsed, peaks) : null);
  };
  // A microphone that is pulled out ends the recording with what came.
  recorder.onerror = stop;
  recorder.start(1_000);

  function stop(): void {
    elapsed = Math.min(LONGEST_MS, performance.now() - begun);
    if (recorder.state !== "inactive") recorder.stop();
  }
  return {
    stop,
    cancel() {
      cancelled = true;
      stop();
    },
  };
}

function createMeter(stream: MediaStream): { read(): number; close(): void } {
  const context = new AudioContext();
  // Safari begins silent after the question for the microphone.
  void context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // The ear hears in decibels: from -50 to 0.
      return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-9)) / 50));
    },
    close: () => void context.close(),
  };
}

function noteOf(parts: Blob[], type: string, elapsedMs: number, peaks: readonly number[]): VoiceNote {
  const plain = type.split(";")[0] || "audio/webm";
  const ending = plain.includes("mp4") ? "m4a" : plain.includes("ogg") ? "ogg" : "webm";
  return {
    file: new File(parts, `voice.${ending}`, { type: plain }),
    durationMs: Math.max(1, Math.round(elapsedMs)),
    waveform: peaksOf(peaks),
  };
}

/** At most a hundred peaks from 0 to 255, the loudest of each stretch. */
export function peaksOf(levels: readonly number[]): number[] {
  const count = Math.min(LIMITS.waveformPeaks, levels.length);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * levels.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / count));
    return Math.round(255 * Math.max(...levels.slice(from, to)));
  });
}
