import type { CallRecording, Profile } from "@parlor/protocol";
import { cx } from "../../lib/cx.js";
import { callWords } from "./call-words.js";

interface RecordingMarkProps {
  readonly recording: CallRecording | null;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Where there is little room. */
  readonly isSmall?: boolean;
}

/** Says, as long as it is so, that the call is recorded and by whom. */
export function RecordingMark({ recording, profiles, isSmall = false }: RecordingMarkProps) {
  // The region is there before its words: else they would not be spoken.
  return (
    <div role="status" className="shrink-0 empty:hidden">
      {recording ? (
        <p
          className={cx(
            "flex items-center gap-2 rounded-md bg-danger-wash font-medium text-danger ring-1 ring-danger/30",
            isSmall ? "max-w-52 px-2 py-1 text-xs" : "mb-2 justify-center px-3 py-1.5 text-sm",
          )}
        >
          <span
            aria-hidden="true"
            className="size-2.5 shrink-0 rounded-full bg-danger motion-safe:animate-pulse"
          />
          <span className="min-w-0">
            {callWords().recordedBy(profiles.get(recording.by)?.username ?? "…")}
          </span>
        </p>
      ) : null}
    </div>
  );
}
