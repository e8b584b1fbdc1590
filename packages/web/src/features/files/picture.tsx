import type { Attachment } from "@parlor/protocol";
import { ImageOff } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { thumbHashToRGBA } from "thumbhash";
import { cx } from "../../lib/cx.js";
import { useMedia } from "../../lib/use-media.js";
import { words } from "../../words/words.js";
import { sourceOf } from "./attachment.js";

/** Addresses that were drawn already: such a picture comes from the browser's cache and needs no blur. */
const drawn = new Set<string>();
const MOST_DRAWN = 500;

function rememberDrawn(src: string): void {
  if (drawn.size >= MOST_DRAWN) drawn.clear();
  drawn.add(src);
}

/** The blur that stands in for a picture: 32 pixels at most, drawn large. */
const Placeholder = memo(function Placeholder({ hash }: { hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    try {
      const bytes = Uint8Array.from(atob(hash), (char) => char.charCodeAt(0));
      const { w, h, rgba } = thumbHashToRGBA(bytes);
      if (!element) return;
      element.width = w;
      element.height = h;
      element.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
    } catch {
      // A hash that cannot be read leaves the plain ground.
    }
  }, [hash]);
  return <canvas ref={canvas} className="absolute inset-0 size-full" />;
});

interface PictureProps {
  readonly file: Attachment;
  /** CSS pixels at which it is drawn. */
  readonly width: number;
  /** Fills its frame and loses what is over; else it is whole. */
  readonly cover?: boolean;
  readonly onOpen: () => void;
}

/** A picture of a message; it fills the frame around it, which has its size before anything is loaded. */
export function Picture({ file, width, cover, onOpen }: PictureProps) {
  const still = useMedia("(prefers-reduced-motion: reduce)");
  const src = sourceOf(file, width, { density: window.devicePixelRatio || 1, still });
  const [state, setState] = useState<"loading" | "shown" | "failed">(drawn.has(src) ? "shown" : "loading");
  const [tries, setTries] = useState(0);

  useEffect(() => {
    if (state !== "failed") return;
    const retry = () => {
      setTries((before) => before + 1);
      setState("loading");
    };
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [state]);

  if (state === "failed") {
    return (
      <button
        type="button"
        onClick={() => {
          setTries(tries + 1);
          setState("loading");
        }}
        className="grid size-full place-content-center justify-items-center gap-1 overflow-hidden rounded-lg bg-sunken p-2 text-center text-xs text-ink-soft ring-1 ring-line ring-inset hover:text-ink"
      >
        <ImageOff aria-hidden="true" className="size-5" strokeWidth={1.75} />
        <bdi className="line-clamp-1 max-w-full break-all">{file.name}</bdi>
        <span>
          {words.files.notLoaded} <span className="font-medium underline">{words.common.retry}</span>
        </span>
      </button>
    );
  }
  return (
    <button
      type="button"
      aria-label={words.files.view(file.name)}
      onClick={onOpen}
      className="relative block size-full overflow-hidden rounded-lg bg-sunken outline-offset-2"
    >
      {file.placeholder && state === "loading" ? <Placeholder hash={file.placeholder} /> : null}
      <img
        key={tries}
        src={src}
        alt={file.name}
        width={file.width ?? undefined}
        height={file.height ?? undefined}
        loading="lazy"
        decoding="async"
        draggable={false}
        onLoad={() => {
          rememberDrawn(src);
          setState("shown");
        }}
        onError={() => setState("failed")}
        className={cx(
          "relative size-full transition-opacity duration-180",
          cover ? "object-cover" : "object-contain",
          // The word for what is missing would flash in the frame.
          state === "loading" && "opacity-0",
        )}
      />
      <span className="pointer-events-none absolute inset-0 rounded-lg ring-1 ring-pressed ring-inset" />
    </button>
  );
}
