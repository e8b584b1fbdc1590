import { useEffect, useRef } from "react";
import { cx } from "../../lib/cx.js";

interface VideoViewProps {
  readonly stream: MediaStream;
  readonly label: string;
  /** The own camera, as in a mirror. */
  readonly isMirrored?: boolean;
  /** All of the picture, for what must be read; otherwise it fills its place. */
  readonly isWhole?: boolean;
  readonly className?: string;
}

/** A live picture without sound. */
export function VideoView({ stream, label, isMirrored, isWhole, className }: VideoViewProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    // A page that is not looked at may refuse; it plays when it is.
    element.play().catch(() => {});
    return () => {
      element.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={video}
      aria-label={label}
      autoPlay
      playsInline
      muted
      className={cx(
        "size-full",
        isWhole ? "object-contain" : "object-cover",
        isMirrored && "-scale-x-100",
        className,
      )}
    />
  );
}
