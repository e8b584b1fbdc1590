import { useEffect } from "react";
import { useLocation } from "wouter";
import { useIsCalm } from "../../lib/first-view.js";
import { useShortcuts } from "../../lib/shortcuts.js";
import { type Part, part, preloadWhenIdle } from "../../ui/part.js";
import { askingOf, currentInbox, markAllRead, neighbour, roomPath } from "../rooms/public.js";
import { showKeysDialog, useKeysDialog } from "./open-store.js";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const ShortcutMap: Part<DialogProps> = part(async () => (await import("./shortcut-map.js")).ShortcutMap);
const RoomSwitcher: Part<DialogProps> = part(
  async () => (await import("../rooms/room-switcher.js")).RoomSwitcher,
);

/** Rooms in the order in which the sidebar shows them. */
function inOrder() {
  const rooms = currentInbox()?.state.rooms ?? [];
  return [...rooms.filter(({ kind }) => kind === "room"), ...rooms.filter(({ kind }) => kind === "direct")];
}

const close = () => showKeysDialog(null);

/** The keys that work everywhere, and the dialogs that they open. */
export function Keys({ roomId }: { roomId: string | null }) {
  const [, navigate] = useLocation();
  const shown = useKeysDialog();
  useEffect(() => close, []);
  const isCalm = useIsCalm();
  useEffect(() => (isCalm ? preloadWhenIdle([RoomSwitcher]) : undefined), [isCalm]);
  function go(step: 1 | -1, onlyNew: boolean) {
    const isWanted = (room: Parameters<typeof askingOf>[0]) => {
      const { calls, others } = askingOf(room);
      return calls + others > 0;
    };
    const ids = inOrder()
      .filter((room) => !onlyNew || room.id === roomId || isWanted(room))
      .map(({ id }) => id);
    const next = neighbour(ids, roomId, step);
    if (next !== null && next !== roomId) navigate(roomPath(next));
  }
  useShortcuts({
    switch: () => showKeysDialog("switcher"),
    help: () => showKeysDialog("map"),
    next: () => go(1, false),
    previous: () => go(-1, false),
    nextUnread: () => go(1, true),
    previousUnread: () => go(-1, true),
    ...(roomId === null ? {} : { read: () => markAllRead(roomId) }),
  });
  return (
    <>
      {shown === "switcher" ? <RoomSwitcher open onClose={close} /> : null}
      {shown === "map" ? <ShortcutMap open onClose={close} /> : null}
    </>
  );
}
