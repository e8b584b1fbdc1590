import { openAhead } from "../../lib/held-rooms.js";
import { readRoom, roomIdOfPath } from "../rooms/public.js";
import { getSession } from "../session/public.js";

/**
 * Opens the room of this page's address before anything is drawn, and waits until there is something of it to draw: a
 * page that is drawn once, with its messages, is there sooner than one that is drawn empty first.
 */
export async function openFirstRoom(): Promise<void> {
  const session = getSession();
  const id = /^\/r\/([^/]+)$/.exec(location.pathname)?.[1];
  if (session.status !== "in" || id === undefined) return;
  const roomId = roomIdOfPath(id);
  const client = openAhead(roomId, session.me.id);
  await Promise.all([
    // The name above the messages; that of a conversation comes with the list.
    roomId.startsWith("dm:") ? null : readRoom(roomId),
    new Promise<void>((resolve) => {
      const stop = client.subscribe(() => {
        if (!client.state.loaded && !client.state.failure) return;
        stop();
        resolve();
      });
    }),
  ]);
}
