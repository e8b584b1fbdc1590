import { askingOfAll, shortCount, useInbox } from "../rooms/public.js";

/**
 * On the way back to the list, which a phone does not show beside a room: how much of the other rooms calls its reader.
 * The page's title says it in words.
 */
export function BackMark({ roomId }: { roomId: string }) {
  const rooms = useInbox()?.rooms ?? [];
  const { calls } = askingOfAll(rooms.filter(({ id }) => id !== roomId));
  if (calls === 0) return null;
  return (
    <span
      aria-hidden="true"
      className="absolute end-0 top-0.5 min-w-4 rounded-full bg-accent px-1 text-center text-[0.625rem] leading-4 font-semibold text-on-accent tabular-nums"
    >
      {shortCount(calls)}
    </span>
  );
}
