import { useEffect } from "react";
import { setTitleCount } from "../../lib/use-title.js";
import { askingOfAll, useInbox } from "../rooms/public.js";

const ICONS = {
  none: new URL("../../favicon.svg", import.meta.url).href,
  others: new URL("../../favicon-new.svg", import.meta.url).href,
  calls: new URL("../../favicon-calls.svg", import.meta.url).href,
} as const;

/** What asks for attention, on the tab and on the installed application's icon. */
export function PageBadge() {
  const { calls, others } = askingOfAll(useInbox()?.rooms ?? []);
  const kind = calls > 0 ? "calls" : others > 0 ? "others" : "none";
  useEffect(() => {
    setTitleCount(calls, others > 0);
    // Where the application is not installed there is no icon to mark, which is no matter.
    if (calls > 0) navigator.setAppBadge?.(calls).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }, [calls, others]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link && link.href !== ICONS[kind]) link.href = ICONS[kind];
  }, [kind]);
  useEffect(() => () => setTitleCount(0, false), []);
  return null;
}
