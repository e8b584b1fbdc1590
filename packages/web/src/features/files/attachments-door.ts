import type { Message } from "@parlor/protocol";
import { useEffect, useRef } from "react";
import { part } from "../../ui/part.js";

/** The files of a message, loaded with the first line that has any. */
export const Attachments = part(async () => (await import("./attachments.js")).Attachments, {
  failing: "silent",
});

/** The files of a message that waits. */
export const PendingAttachments = part(async () => (await import("./attachments.js")).PendingAttachments, {
  failing: "silent",
});

/** Whether lines can be shown at their size: where they have files, what shows these is there. Once true it stays so. */
export function useFilesReady(messages: readonly Message[]): boolean {
  const isHere = Attachments.useIsHere();
  const shown = useRef(false);
  const isWanted = !isHere && !shown.current && messages.some(({ attachments }) => attachments?.length);
  shown.current ||= messages.length > 0 && !isWanted;
  useEffect(() => {
    if (isWanted) void Attachments.preload();
  }, [isWanted]);
  return !isWanted;
}
