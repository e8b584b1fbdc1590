import { Phone, Video } from "lucide-react";
import { IconButton } from "../../ui/icon-button.js";
import { setCalls, useCalls } from "./call-store.js";
import { callWords } from "./call-words.js";

/** Begins the room's call, or joins it. */
export function CallButton({ roomId, isRunning }: { roomId: string; isRunning: boolean }) {
  const { current } = useCalls();
  const words = callWords();
  const here = current?.roomId === roomId;
  return (
    <IconButton
      icon={isRunning ? Phone : Video}
      label={here ? words.back : isRunning ? words.joinCall : words.start}
      side="bottom"
      active={isRunning}
      onClick={() => setCalls(here ? { chat: null } : { asked: roomId })}
    />
  );
}
