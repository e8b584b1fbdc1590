import type { Attachment } from "@parlor/protocol";
import { formatNumber, inLocale } from "../../lib/formats.js";
import { locale } from "../../words/words.js";

/** Widest and highest that a picture or a video is drawn, in CSS pixels. */
const MOST = { width: 384, height: 320 } as const;
const LEAST = { width: 96, height: 64 } as const;
/** A moving picture that is larger shows its still preview in the timeline. */
const MOVING_BYTES = 16 * 1024 * 1024;

/** Whether a value read from storage is an attachment, as far as it is drawn. */
export function isAttachment(value: unknown): value is Attachment {
  const file = value as Partial<Attachment> | null;
  return (
    typeof file === "object" &&
    file !== null &&
    [file.id, file.kind, file.name, file.url].every((field) => typeof field === "string") &&
    typeof file.size === "number" &&
    typeof file.previews === "object" &&
    file.previews !== null
  );
}

/** The size in CSS pixels at which a picture or a video is drawn; known before a byte of it is there. */
export function boxOf({ width, height }: Pick<Attachment, "width" | "height">): {
  width: number;
  height: number;
} {
  if (!width || !height) return { width: 320, height: 180 };
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  return {
    width: Math.max(LEAST.width, Math.round(width * scale)),
    height: Math.max(LEAST.height, Math.round(height * scale)),
  };
}

/** The smallest copy of a picture that is sharp at a width of so many CSS pixels. */
export function sourceOf(
  file: Pick<Attachment, "url" | "previews" | "animated" | "size">,
  width: number,
  { density, still }: { density: number; still: boolean },
): string {
  if (file.animated && !still && file.size <= MOVING_BYTES) return file.url;
  const sizes = Object.keys(file.previews)
    .map(Number)
    .sort((a, b) => a - b);
  const fit = sizes.find((size) => size >= width * density) ?? sizes.at(-1);
  return (fit === undefined ? undefined : file.previews[fit]) ?? file.url;
}

/** The address that saves a file instead of showing it. */
export function downloadOf(url: string): string {
  const address = new URL(url, window.location.href);
  address.searchParams.set("download", "1");
  return address.href;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
const twoDigits = inLocale((tag) => new Intl.NumberFormat(tag, { minimumIntegerDigits: 2 }));

/** Bytes as people read them, `340 kB`, `2.4 MB`; in steps of 1024, as the operator sets the limits. */
export function formatSize(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step > 0 && value < 10 ? 1 : 0,
  }).format(value);
}

/** Milliseconds as a clock: `0:07`, `1:02:03`. */
export function formatLength(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => twoDigits().format(value);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${formatNumber(hours)}:${two(minutes)}:${two(seconds % 60)}`
    : `${formatNumber(minutes)}:${two(seconds % 60)}`;
}
