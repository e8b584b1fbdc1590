import { Upload } from "lucide-react";
import { createPortal } from "react-dom";
import { words } from "../../words/words.js";
import { useLimitWords } from "./attach-button.js";

/** What hovers over a room while files are dragged over it. */
export function DropHint({ room }: { room: HTMLElement | null }) {
  const limits = useLimitWords();
  const box = room?.getBoundingClientRect();
  return createPortal(
    <div
      className="pointer-events-none fixed z-40 grid place-items-center bg-paper/95 p-4"
      style={box ? { top: box.top, left: box.left, width: box.width, height: box.height } : { inset: 0 }}
    >
      <div className="grid size-full animate-rise place-content-center justify-items-center gap-2 rounded-xl border-2 border-dashed border-accent bg-accent-wash p-6 text-center">
        <Upload aria-hidden="true" className="size-8 text-accent" />
        <p className="text-lg font-semibold">{words.files.dropHere}</p>
        <p className="text-sm text-ink-soft">{limits}</p>
      </div>
    </div>,
    document.body,
  );
}
