import type { InboxClient, InboxNews } from "@parlor/client";
import { words } from "../../words/words.js";
import { askingOf, previewText, summaryName } from "../rooms/public.js";
import { notifyState } from "./notify-store.js";

/** Notifications that stand at most; beyond them the oldest is taken away. */
const STANDING = 20;
const ICON = new URL("../../favicon.svg", import.meta.url).href;

/** Whether a message calls its reader, after the level that they chose for its room. */
export function isCall({ room, mentionsMe }: InboxNews): boolean {
  if (room.level === "none") return false;
  return mentionsMe || (room.kind === "direct" && room.level === "all");
}

/** Holds a browser-wide lock until the signal. Whoever holds it is known to all tabs, also when a tab dies. */
function hold(name: string, mode: LockMode, signal: AbortSignal): void {
  const ended = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  navigator.locks.request(name, { mode, signal }, () => ended).catch(() => {});
}

/** While this tab is looked at, all tabs know it. */
function announceLooking(name: string): () => void {
  let controller: AbortController | null = null;
  const update = () => {
    const isLooking = document.visibilityState === "visible" && document.hasFocus();
    if (isLooking && !controller) {
      controller = new AbortController();
      hold(name, "shared", controller.signal);
    } else if (!isLooking) {
      controller?.abort();
      controller = null;
    }
  };
  update();
  const events = ["focus", "blur"] as const;
  for (const event of events) window.addEventListener(event, update);
  document.addEventListener("visibilitychange", update);
  return () => {
    controller?.abort();
    for (const event of events) window.removeEventListener(event, update);
    document.removeEventListener("visibilitychange", update);
  };
}

async function isHeld(name: string): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === name);
}

/**
 * Shows what calls this browser's user while no tab is looked at. One tab of all leads, so that there is one notification;
 * the next takes over when it goes. A notification goes when its room has been read anywhere.
 */
export function startNotifier(
  inbox: InboxClient,
  userId: string,
  onOpen: (roomId: string) => void,
): () => void {
  if (!navigator.locks) return () => {};
  const lifetime = new AbortController();
  const looking = `parlor:looking:${userId}`;
  const standing = new Map<string, Notification>();
  let leads = false;
  const ended = new Promise<void>((resolve) => lifetime.signal.addEventListener("abort", () => resolve()));
  navigator.locks
    .request(`parlor:notifier:${userId}`, { signal: lifetime.signal }, () => {
      leads = true;
      return ended;
    })
    .catch(() => {});
  const stopLooking = announceLooking(looking);

  function take(roomId: string): void {
    standing.get(roomId)?.close();
    standing.delete(roomId);
  }

  function show({ room, message }: InboxNews): void {
    const name = summaryName(room);
    const title =
      room.kind === "direct" ? message.username : words.notifications.inRoom(message.username, name);
    const body = previewText(message);
    take(room.id);
    try {
      const shown = new Notification(title, { body, tag: `parlor:${room.id}`, icon: ICON });
      shown.onclick = () => {
        window.focus();
        onOpen(room.id);
        take(room.id);
      };
      standing.set(room.id, shown);
      const oldest = standing.keys().next();
      if (standing.size > STANDING && !oldest.done) take(oldest.value);
    } catch {
      // Some phones take notifications from a service worker alone.
    }
  }

  const stopNews = inbox.onNews((news) => {
    if (!leads || notifyState() !== "on" || !isCall(news)) return;
    void isHeld(looking).then((isSeen) => {
      if (!isSeen && !lifetime.signal.aborted) show(news);
    });
  });
  const stopInbox = inbox.subscribe(() => {
    if (standing.size === 0) return;
    for (const room of inbox.state.rooms) if (askingOf(room).calls === 0) take(room.id);
  });
  return () => {
    stopNews();
    stopInbox();
    stopLooking();
    lifetime.abort();
    for (const id of [...standing.keys()]) take(id);
  };
}
