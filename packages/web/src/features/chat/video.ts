/** A video as the seeds' front end posts it: JSON text inside a message. */
export interface Video {
  readonly title: string | null;
  readonly url: string | null;
}

function textOf(...values: readonly unknown[]): string | null {
  for (const value of values) {
    if (typeof value === "string" && value.trim()) return value.trim();
  }
  return null;
}

/** Reads a video message; `null` for any other text, JSON that people paste included. */
export function videoOf(content: string): Video | null {
  if (!content.startsWith("{") || content.length > 20_000) return null;
  try {
    const data = JSON.parse(content) as Record<string, unknown>;
    const kind = textOf(data.type, data.messageType, data.kind) ?? "";
    const inner = (typeof data.video === "object" && data.video !== null ? data.video : data) as Record<
      string,
      unknown
    >;
    const playback = textOf(inner.playbackId, inner.playback_id);
    if (!/video/i.test(kind) && !playback) return null;
    const url = textOf(
      inner.videoUrl,
      inner.video_url,
      inner.playbackUrl,
      inner.playback_url,
      inner.url,
      inner.src,
    );
    const title = textOf(inner.title, inner.name, inner.filename, inner.fileName);
    return { title, url: url && /^https?:\/\//i.test(url) ? url : null };
  } catch {
    return null;
  }
}
