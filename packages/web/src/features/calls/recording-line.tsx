import type { RecordingNote } from "@parlor/protocol";
import { callWords } from "./call-words.js";

const MINUTE = 60_000;

/** What the history says of a recording, above its file. */
export function RecordingLine({ note: { outcome, ended, duration_ms } }: { note: RecordingNote }) {
  const words = callWords();
  const minutes = Math.round(duration_ms / MINUTE);
  const details = [
    outcome === "kept" ? (minutes < 1 ? words.short : words.lasted(minutes)) : null,
    outcome === "empty" ? words.recordingEmpty : null,
    outcome === "failed" ? words.recordingFailed : null,
    ended === "stopped" ? null : words.recordingEnded[ended],
  ].filter((one) => one !== null);
  return (
    <p>
      <span className="font-medium">{words.recordingLine}</span>
      <span className="block text-sm text-ink-soft">{details.join(" · ")}</span>
    </p>
  );
}
