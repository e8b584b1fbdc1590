import type { ServerFrame } from "@parlor/protocol";

/** Looks at what one socket with a cursor is told, frame by frame. */
export interface FrameWatch {
  see(frame: ServerFrame): void;
}

/**
 * Makes the watch of one socket. In a replay numbers rise; live, each number is exactly one frame, and a jump is
 * allowed only where the network has taken a frame away.
 */
export function createFrameWatch(options: {
  /** Whether the network has taken a frame of this socket away. */
  readonly lostFrames: () => boolean;
  readonly onBroken: (rule: "frame out of order" | "frame missing", detail: string) => void;
}): FrameWatch {
  const { lostFrames, onBroken } = options;
  let newest = 0;
  let isLive = false;

  function number(updatedSeq: number): void {
    if (updatedSeq <= newest) onBroken("frame out of order", `${updatedSeq} came after ${newest}`);
    else if (isLive && updatedSeq > newest + 1 && !lostFrames()) {
      onBroken("frame missing", `${updatedSeq} came live after ${newest}`);
    }
    newest = Math.max(newest, updatedSeq);
  }

  return {
    see(frame) {
      switch (frame.type) {
        case "message":
          if (!frame.repeat) number(frame.updated_seq);
          return;
        case "message_updated":
          number(frame.message.updated_seq);
          return;
        case "message_deleted":
          number(frame.updated_seq);
          return;
        case "synced":
          isLive = true;
          newest = Math.max(newest, frame.head_seq);
          return;
        default:
      }
    },
  };
}
