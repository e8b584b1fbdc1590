import { Mic } from "lucide-react";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "../../ui/icon-button.js";
import { part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import type { Gesture } from "./recorder.js";
import type { ComposerFiles } from "./use-tray.js";

const Recorder = part(async () => (await import("./recorder.js")).Recorder);

/** A press that is shorter is a click: then the recording runs on without the finger. */
const HOLD_MS = 350;
/** Pixels towards the start of the line that cancel a held recording. */
const SLIDE = 90;

/** Whether this browser can record at all; it cannot without HTTPS. */
export const canRecord =
  typeof MediaRecorder !== "undefined" && typeof navigator !== "undefined" && "mediaDevices" in navigator;

/** Records a voice message: click to begin, or hold and let go. */
export function VoiceButton({ files }: { files: ComposerFiles }) {
  const [gesture, setGesture] = useState<Gesture | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const letGo = useRef<(() => void) | null>(null);
  const wasOpen = useRef(false);
  useEffect(() => () => letGo.current?.(), []);
  useEffect(() => {
    // The recorder that covered this button is gone by now.
    if (wasOpen.current && gesture === null) button.current?.focus();
    wasOpen.current = gesture !== null;
  }, [gesture]);

  function press(event: PointerEvent) {
    if (event.button !== 0 || gesture !== null) return;
    const begun = performance.now();
    const from = event.clientX;
    const toStart = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
    const onMove = (move: globalThis.PointerEvent) => {
      if ((from - move.clientX) * toStart < SLIDE) return;
      end();
      setGesture("slid");
    };
    const onUp = () => {
      end();
      setGesture(performance.now() - begun < HOLD_MS ? "free" : "released");
    };
    const end = () => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", onUp);
      letGo.current = null;
    };
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", onUp);
    letGo.current = end;
    setGesture("held");
  }

  return (
    <>
      <IconButton
        ref={button}
        icon={Mic}
        label={words.files.record}
        onPointerEnter={() => void Recorder.preload()}
        onPointerDown={press}
        // The keyboard's press; the pointer's has begun it already.
        onClick={(event) => event.detail === 0 && setGesture("free")}
        onContextMenu={(event) => event.preventDefault()}
        className="size-9 touch-none select-none"
      />
      {gesture ? <Recorder gesture={gesture} files={files} onClose={() => setGesture(null)} /> : null}
    </>
  );
}
