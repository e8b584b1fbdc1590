import { AtSign, Bell, BellOff, CheckCheck, EyeOff, LogOut } from "lucide-react";
import { explain } from "../../lib/explain.js";
import { MenuItem } from "../../ui/menu.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { ask } from "./ask-store.js";
import { currentInbox, markAllRead, useSummary } from "./inbox-store.js";

const LEVELS = [
  { level: "all", icon: Bell },
  { level: "mentions", icon: AtSign },
  { level: "none", icon: BellOff },
] as const;

/** Items of a room's menu: how much of it reaches the person, and the way out. Nothing where there is no inbox. */
export function RoomChoices({ roomId }: { roomId: string }) {
  const summary = useSummary(roomId);
  const { rooms } = words;
  if (!summary) return null;
  const direct = summary.kind === "direct";
  return (
    <>
      <hr className="-mx-1.5 my-1.5 border-line" />
      <div className="px-2.5 pt-1 pb-1 text-xs font-semibold text-ink-faint">{rooms.notify}</div>
      {LEVELS.map(({ level, icon }) => (
        <MenuItem
          key={level}
          icon={icon}
          label={rooms.levels[level]}
          checked={summary.level === level}
          onSelect={() => {
            currentInbox()
              ?.setLevel(roomId, level)
              .catch((error: unknown) => toast(explain(error), "error"));
          }}
        />
      ))}
      <hr className="-mx-1.5 my-1.5 border-line" />
      <MenuItem icon={CheckCheck} label={rooms.markRead} onSelect={() => markAllRead(roomId)} />
      <MenuItem
        icon={direct ? EyeOff : LogOut}
        label={direct ? rooms.hideDirect : rooms.leaveRoom}
        danger={!direct}
        onSelect={() => ask({ about: "leave", roomId })}
      />
    </>
  );
}
