import type { RoomClient } from "@parlor/client";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { explain } from "../../lib/explain.js";
import { toast } from "../../ui/toast.js";
import type { Row } from "./rows.js";

/** How long a message that was jumped to stands out. */
const MARKED = 2_500;
/** The line appears within so many frames after the list was told to go there. */
const FRAMES = 60;

/** Where to go: to the message with a number, or the first one after it. */
export interface Jump {
  readonly seq: number;
  /** Whether the line stands out and takes the focus. */
  readonly mark: boolean;
}

function isInView(line: Element | null | undefined, view: Element | null): boolean {
  if (!line || !view) return false;
  const [own, whole] = [line.getBoundingClientRect(), view.getBoundingClientRect()];
  return own.bottom > whole.top && own.top < whole.bottom;
}

interface JumpOptions {
  readonly client: RoomClient;
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly rows: readonly Row[];
  /** Called before the list goes somewhere else. */
  readonly onLeave: () => void;
  /** Whether the room opens at a message: until it is in view, nothing else is to be seen. */
  readonly opensElsewhere: boolean;
}

/**
 * Brings a message into view, also one that is not loaded. Answers what does it, which message stands out, and
 * whether the room is where it opens. */
export function useJump({ client, list, scroller, rows, onLeave, opensElsewhere }: JumpOptions) {
  const [wanted, setWanted] = useState<Jump | null>(null);
  const [marked, setMarked] = useState<number | null>(null);
  const [arrived, setArrived] = useState(!opensElsewhere);
  const newest = useRef(0);

  const jump = useCallback(
    async (to: Jump) => {
      const turn = ++newest.current;
      onLeave();
      try {
        const seq = await client.jumpTo(to.seq);
        // The first loaded line is held back until the one above it is there.
        const { messages, hasOlder } = client.state;
        if (hasOlder && messages[0]?.seq === seq) await client.loadOlder();
        if (seq === null) setArrived(true);
        else if (turn === newest.current) setWanted({ ...to, seq });
      } catch (error) {
        setArrived(true);
        toast(explain(error), "error");
      }
    },
    [client, onLeave],
  );

  useLayoutEffect(() => {
    if (!wanted) return;
    const index = rows.findIndex((row) => row.kind === "message" && row.message.seq === wanted.seq);
    if (index < 0) return;
    setWanted(null);
    onLeave();
    list.current?.scrollToIndex(index, { align: wanted.mark ? "center" : "start" });
    if (wanted.mark) setMarked(wanted.seq);
    let frames = 0;
    const settle = () => {
      const line = scroller.current?.querySelector<HTMLElement>(`[data-seq="${wanted.seq}"]`);
      const isLast = ++frames >= FRAMES;
      if (isLast || isInView(line, scroller.current)) setArrived(true);
      if (wanted.mark) line?.focus({ preventScroll: true });
      // What is not measured yet is hidden and takes no focus.
      const isDone = wanted.mark ? document.activeElement === line : isInView(line, scroller.current);
      if (!isLast && !(line && isDone)) requestAnimationFrame(settle);
    };
    requestAnimationFrame(settle);
  }, [wanted, rows, list, scroller, onLeave]);

  useEffect(() => {
    if (marked === null) return;
    const timer = setTimeout(() => setMarked(null), MARKED);
    return () => clearTimeout(timer);
  }, [marked]);

  return { jump, marked, jumping: wanted !== null, arrived };
}
