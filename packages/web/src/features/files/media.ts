import { type AttachmentKind, LIMITS } from "@parlor/protocol";

/** What the browser can tell of sound and video; the server does not decode them. */
export interface Media {
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  readonly waveform?: readonly number[];
  readonly voice?: boolean;
}

/** A file that the browser cannot read in this time goes without. */
const WAIT = 4_000;

/** Reads length and size of a file of sound or video, where the browser can. */
export async function readMedia(file: Blob, kind: AttachmentKind): Promise<Media> {
  if (kind !== "video" && kind !== "audio") return {};
  const url = URL.createObjectURL(file);
  const element = document.createElement(kind);
  element.preload = "metadata";
  try {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, WAIT);
      element.onloadedmetadata = () => resolve();
      element.onerror = () => resolve();
      element.src = url;
    });
    return describe(element);
  } finally {
    element.removeAttribute("src");
    element.load();
    URL.revokeObjectURL(url);
  }
}

function describe(element: HTMLMediaElement): Media {
  const ms = Math.round(element.duration * 1000);
  const width = element instanceof HTMLVideoElement ? element.videoWidth : 0;
  const height = element instanceof HTMLVideoElement ? element.videoHeight : 0;
  const fits = (edge: number) => edge > 0 && edge <= LIMITS.mediaEdge;
  return {
    ...(Number.isFinite(ms) && ms > 0 && ms <= LIMITS.mediaMs ? { durationMs: ms } : {}),
    ...(fits(width) && fits(height) ? { width, height } : {}),
  };
}
