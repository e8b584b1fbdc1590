import { type AvatarUrls, isPlaceholderAvatar } from "@parlor/protocol";
import { useEffect, useState } from "react";
import { cx } from "../lib/cx.js";

/** Who is shown. */
export interface AvatarPerson {
  readonly id: string;
  readonly name: string;
  readonly avatar_url?: string | null;
  readonly avatar_urls?: AvatarUrls | null;
}

interface AvatarProps {
  readonly person: AvatarPerson;
  /** Edge in pixels. */
  readonly size: number;
  readonly online?: boolean;
  readonly className?: string;
}

/** A number from an id that is the same everywhere, for its colour. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  return value >>> 0;
}

function initials(name: string): string {
  const parts = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]];
  const text = letters.map((part) => [...(part ?? "")][0] ?? "").join("");
  return (text || "?").toLocaleUpperCase();
}

function pick(person: AvatarPerson, size: number): string | null {
  const urls = person.avatar_urls;
  const needed = size * Math.min(3, window.devicePixelRatio || 1);
  const candidates = urls
    ? ([
        [40, urls.thumbnail],
        [80, urls.small],
        [200, urls.medium],
        [400, urls.large],
      ] as const)
    : [];
  const known = candidates.filter(([, url]) => Boolean(url));
  const fit = known.find(([edge]) => edge >= needed) ?? known.at(-1);
  const url = fit?.[1] ?? person.avatar_url ?? null;
  // A generated placeholder is less than our own initials, and asks a stranger's server.
  return url && !isPlaceholderAvatar(url) ? url : null;
}

/** A face: the picture when it loads, else initials on a colour of one's own. Never a broken picture. */
export function Avatar({ person, size, online, className }: AvatarProps) {
  const url = pick(person, size);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    if (failed === null) return;
    const retry = () => setFailed(null);
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [failed]);
  const hue = hash(person.id) % 360;
  return (
    <span
      aria-hidden="true"
      className={cx("relative inline-block shrink-0 select-none", className)}
      style={{ width: size, height: size }}
    >
      <span
        className="face rounded-[32%]"
        style={{ backgroundColor: `oklch(0.51 0.09 ${hue})`, fontSize: Math.max(11, size * 0.38) }}
      >
        {url && url !== failed ? (
          <img
            src={url}
            alt=""
            width={size}
            height={size}
            decoding="async"
            draggable={false}
            onError={() => setFailed(url)}
            className="size-full rounded-[32%] object-cover outline-1 -outline-offset-1 outline-pressed"
          />
        ) : (
          initials(person.name)
        )}
      </span>
      {online ? (
        <span className="absolute -end-0.5 -bottom-0.5 size-3 rounded-full border-2 border-surface bg-online" />
      ) : null}
    </span>
  );
}
