import type { Message, ServerFrame } from "@parlor/protocol";
import { describe, expect, it } from "vitest";
import { createFrameWatch } from "../participants/frame-watch.js";

const synced: ServerFrame = { type: "synced", room_id: "kitchen", head_seq: 5, count: 0 };

function message(seq: number, updatedSeq = seq): ServerFrame {
  return { type: "message", id: `m${seq}`, seq, updated_seq: updatedSeq } as Message;
}

function watch(frames: readonly ServerFrame[], lostFrames = false): string[] {
  const broken: string[] = [];
  const own = createFrameWatch({ lostFrames: () => lostFrames, onBroken: (rule) => broken.push(rule) });
  for (const frame of frames) own.see(frame);
  return broken;
}

describe("[REL2] the watch of a socket with a cursor", () => {
  it("takes a replay with jumps, and live frames without", () => {
    expect(watch([message(2), message(4), synced, message(6), message(7)])).toEqual([]);
  });

  it("takes a message that changed while the replay was read page by page", () => {
    expect(watch([message(2), message(3), message(2, 4), synced])).toEqual([]);
  });

  it("names a live jump, unless the network took a frame", () => {
    expect(watch([synced, message(7)])).toEqual(["frame missing"]);
    expect(watch([synced, message(7)], true)).toEqual([]);
  });

  it("names a number that comes again or too late, live and in the replay", () => {
    expect(watch([synced, message(6), message(6)])).toContain("frame out of order");
    expect(watch([message(4), message(3)])).toEqual(["frame out of order"]);
    expect(watch([synced, message(5)])).toEqual(["frame out of order"]);
  });
});
