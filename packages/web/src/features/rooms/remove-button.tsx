import { UserX } from "lucide-react";
import type { ComponentType } from "react";
import { heldRoom } from "../../lib/held-rooms.js";
import { Button } from "../../ui/button.js";
import { useMe } from "../session/public.js";
import { ask } from "./ask-store.js";
import { hostWords, openHostWords } from "./host-words.js";
import { isHost, isProvenHost } from "./hosts.js";
import { useRoom } from "./rooms-store.js";

/** Whom the button is for. */
export interface RemoveButtonProps {
  readonly roomId: string;
  readonly userId: string;
  readonly name: string;
  /** Called before the person is asked. */
  readonly onAsk: () => void;
}

/** The host's way to put somebody out of the room that is shown; nothing for all others. */
function RemoveButton({ roomId, userId, name, onAsk }: RemoveButtonProps) {
  const me = useMe();
  const room = useRoom(roomId);
  const isKnown = heldRoom(roomId, me.id)?.state.profiles.has(userId) ?? false;
  if (!isKnown || !isProvenHost(room, me.id) || isHost(room, userId)) return null;
  return (
    <Button
      variant="danger-quiet"
      onClick={() => {
        onAsk();
        ask({ about: "remove", roomId, userId, name });
      }}
    >
      <UserX aria-hidden="true" className="size-4" />
      {hostWords().remove}
    </Button>
  );
}

/** The button with its words. */
export async function openRemoveButton(): Promise<ComponentType<RemoveButtonProps>> {
  await openHostWords();
  return RemoveButton;
}
