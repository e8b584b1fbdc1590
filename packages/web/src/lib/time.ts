import { words } from "../words/words.js";
import { dates } from "./formats.js";

const DAY = 86_400_000;
const clock = dates({ hour: "2-digit", minute: "2-digit" });
const full = dates({ dateStyle: "full", timeStyle: "medium" });
const weekday = dates({ weekday: "long" });
const shortWeekday = dates({ weekday: "short" });
const shortDate = dates({ day: "numeric", month: "short" });
const date = dates({ weekday: "long", day: "numeric", month: "long" });
const dateWithYear = dates({ day: "numeric", month: "long", year: "numeric" });

/** Hour and minute. */
export function formatClock(time: Date): string {
  return clock().format(time);
}

/** Date and time to the second, for the curious. */
export function formatExact(time: Date): string {
  return full().format(time);
}

/** Number of the local day, to tell days apart. */
export function dayOf(time: Date): number {
  return Math.round(new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime() / DAY);
}

/** When something was, as short as a list has room for. */
export function formatShort(time: Date, now: Date): string {
  const ago = dayOf(now) - dayOf(time);
  if (ago <= 0) return clock().format(time);
  return ago < 6 ? shortWeekday().format(time) : shortDate().format(time);
}

/** A day as people say it: today, yesterday, Monday, then the date. */
export function formatDay(time: Date, now: Date): string {
  const ago = dayOf(now) - dayOf(time);
  if (ago === 0) return words.time.today;
  if (ago === 1) return words.time.yesterday;
  if (ago > 1 && ago < 6) return weekday().format(time);
  return time.getFullYear() === now.getFullYear() ? date().format(time) : dateWithYear().format(time);
}
