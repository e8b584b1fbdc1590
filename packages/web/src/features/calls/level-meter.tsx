import { createMeter } from "@parlor/client";
import { useEffect, useRef } from "react";
import { callWords } from "./call-words.js";

const LOOK_EVERY = 80;

/** How loud a microphone is, live. */
export function LevelMeter({ track }: { track: MediaStreamTrack }) {
  const bar = useRef<HTMLSpanElement>(null);
  const meter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const loudness = createMeter(track);
    if (!loudness) return;
    const timer = setInterval(() => {
      const level = Math.round(loudness.read() * 100);
      if (bar.current) bar.current.style.inlineSize = `${level}%`;
      meter.current?.setAttribute("aria-valuenow", String(level));
    }, LOOK_EVERY);
    return () => {
      clearInterval(timer);
      loudness.close();
    };
  }, [track]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: the look of a meter element cannot be told alike in all browsers.
    <div
      ref={meter}
      role="meter"
      aria-label={callWords().level}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
      className="h-1.5 overflow-hidden rounded-full bg-pressed"
    >
      <span
        ref={bar}
        className="block h-full w-0 rounded-full bg-accent transition-[inline-size] duration-120"
      />
    </div>
  );
}
