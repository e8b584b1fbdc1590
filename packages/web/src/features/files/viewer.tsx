import type { Attachment } from "@parlor/protocol";
import { ChevronLeft, ChevronRight, Download, ImageOff, X, ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";
import { downloadOf, formatSize } from "./attachment.js";
import { useZoom } from "./use-zoom.js";
import { closeViewer } from "./viewer-store.js";

const PAN = 80;
const BUTTON =
  "grid size-10 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink disabled:opacity-40";

function sizeWords({ width, height, size }: Attachment): string {
  return [width && height ? `${width} × ${height}` : null, formatSize(size)].filter(Boolean).join(" · ");
}

function Stage({ file, onOutside }: { file: Attachment; onOutside: () => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const { view, reset, zoomIn, zoomOut, panBy, wasDrag, handlers } = useZoom(frame);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");

  function onKey(event: KeyboardEvent) {
    const acts: Record<string, () => void> = { "+": zoomIn, "=": zoomIn, "-": zoomOut, "0": reset };
    if (view.scale > 1) {
      acts.ArrowLeft = () => panBy(PAN, 0);
      acts.ArrowRight = () => panBy(-PAN, 0);
      acts.ArrowUp = () => panBy(0, PAN);
      acts.ArrowDown = () => panBy(0, -PAN);
    }
    const act = event.ctrlKey || event.metaKey ? undefined : acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }
  // The frame has the focus on opening, so that every key works at once.
  useEffect(() => frame.current?.focus(), []);
  return (
    <>
      <div
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys that zoom and move the picture.
        tabIndex={0}
        role="application"
        aria-label={words.files.viewerKeys}
        onKeyDown={onKey}
        onClick={(event) => {
          if (!wasDrag() && view.scale === 1 && event.target === event.currentTarget) onOutside();
        }}
        {...handlers}
        className="relative grid min-h-0 flex-1 touch-none place-items-center overflow-hidden outline-none select-none"
        style={{ cursor: view.scale > 1 ? "grab" : "zoom-in" }}
      >
        {state === "failed" ? (
          <p className="grid justify-items-center gap-2 text-ink-soft">
            <ImageOff aria-hidden="true" className="size-8" />
            {words.files.notLoaded}
          </p>
        ) : (
          <>
            {file.previews["360"] && state === "loading" ? (
              <img
                src={file.previews["360"]}
                alt=""
                draggable={false}
                className="absolute inset-0 size-full object-contain p-2 blur-sm sm:p-6"
              />
            ) : null}
            <img
              src={file.url}
              alt={file.name}
              draggable={false}
              onLoad={() => setState("shown")}
              onError={() => setState("failed")}
              style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
              className="pointer-events-none absolute inset-0 size-full object-contain p-2 sm:p-6"
            />
            {state === "loading" ? (
              <span role="status" aria-label={words.common.loading} className="relative">
                <Spinner />
              </span>
            ) : null}
          </>
        )}
      </div>
      <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
        <div className="pointer-events-auto flex items-center rounded-full bg-surface/90 px-1 shadow-2 ring-1 ring-line">
          <button
            type="button"
            aria-label={words.files.zoomOut}
            disabled={view.scale <= 1}
            onClick={zoomOut}
            className={`${BUTTON} rounded-full`}
          >
            <ZoomOut aria-hidden="true" className="size-5" strokeWidth={1.85} />
          </button>
          <button
            type="button"
            aria-label={words.files.fit}
            onClick={reset}
            className="min-w-14 rounded-full px-1 py-2 text-center text-sm tabular-nums hover:bg-hover"
          >
            {words.files.percent(view.scale)}
          </button>
          <button
            type="button"
            aria-label={words.files.zoomIn}
            onClick={zoomIn}
            className={`${BUTTON} rounded-full`}
          >
            <ZoomIn aria-hidden="true" className="size-5" strokeWidth={1.85} />
          </button>
        </div>
      </div>
    </>
  );
}

/** Pictures as large as the screen; the browser's own dialog, so focus stays inside and comes back. */
export function Viewer({ pictures, first }: { pictures: readonly Attachment[]; first: number }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [index, setIndex] = useState(first);
  const file = pictures[index] ?? pictures[0];
  // Before the effects of what is inside: the picture takes the focus in an open dialog.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closed while it is still in the page: the browser gives the focus back to where it was.
    return () => element?.close();
  }, []);
  if (!file) return null;

  const go = (step: number) => setIndex((index + step + pictures.length) % pictures.length);
  function onKey(event: KeyboardEvent) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    if (pictures.length < 2) return;
    event.preventDefault();
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    go((event.key === "ArrowRight") === isRtl ? -1 : 1);
  }
  return (
    <dialog
      ref={dialog}
      aria-label={words.files.viewer}
      onKeyDown={onKey}
      onCancel={(event) => {
        event.preventDefault();
        closeViewer();
      }}
      className="dialog m-0 size-full max-h-none max-w-none overflow-hidden bg-paper p-0 text-ink outline-none"
    >
      <div className="relative flex size-full flex-col pb-[env(safe-area-inset-bottom)]">
        <header className="flex items-center gap-1 border-b border-line px-2 py-1.5 sm:px-4">
          <div className="min-w-0 flex-1 ps-1.5" aria-live="polite">
            <p dir="auto" className="truncate font-semibold">
              {file.name}
            </p>
            <p className="truncate text-xs text-ink-faint tabular-nums">
              {pictures.length > 1 ? `${words.files.nth(index + 1, pictures.length)} · ` : ""}
              {sizeWords(file)}
            </p>
          </div>
          {pictures.length > 1 ? (
            <>
              <button
                type="button"
                aria-label={words.files.previous}
                onClick={() => go(-1)}
                className={BUTTON}
              >
                <ChevronLeft aria-hidden="true" className="size-5" />
              </button>
              <button type="button" aria-label={words.files.next} onClick={() => go(1)} className={BUTTON}>
                <ChevronRight aria-hidden="true" className="size-5" />
              </button>
            </>
          ) : null}
          <a
            href={downloadOf(file.url)}
            download={file.name}
            aria-label={words.files.download(file.name, formatSize(file.size))}
            className={BUTTON}
          >
            <Download aria-hidden="true" className="size-5" strokeWidth={1.85} />
          </a>
          <button type="button" aria-label={words.common.close} onClick={closeViewer} className={BUTTON}>
            <X aria-hidden="true" className="size-5" strokeWidth={1.85} />
          </button>
        </header>
        <Stage key={file.id} file={file} onOutside={closeViewer} />
      </div>
    </dialog>
  );
}
