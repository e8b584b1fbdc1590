import { type JoinOptions, openCall } from "@parlor/client";
import { holdRoom } from "../../lib/held-rooms.js";
import { toast } from "../../ui/toast.js";
import { readCalls, setCalls } from "./call-store.js";
import { callWords, explainCallCode } from "./call-words.js";

/**
 * Joins a room's call; another call of this tab is left for it. The room stays open for as long as the call goes on,
 * whatever page is shown. Throws what the SDK throws.
 */
export async function joinCall(roomId: string, userId: string, options: JoinOptions): Promise<void> {
  readCalls().current?.client.leave();
  const { client: room, release } = holdRoom(roomId, userId);
  const client = openCall(room);
  const current = { roomId, room, client };
  const stop = client.subscribe(() => {
    if (client.state.status === "ended") end();
  });
  let isEntered = false;
  function end(): void {
    stop();
    const { ending } = client.state;
    client.close();
    release();
    if (readCalls().current === current) setCalls({ current: null, chat: null });
    if (!isEntered || !ending || ending.reason === "left") return;
    toast(
      ending.reason === "refused"
        ? explainCallCode(ending.code ?? "call_ended", ending.detail)
        : callWords().endings[ending.reason],
      ending.reason === "ended" ? "done" : "error",
    );
  }
  setCalls({ current });
  await client.join(options);
  isEntered = true;
  setCalls({ asked: null });
}
