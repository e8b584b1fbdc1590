import type { CallInfo } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";

/** Milliseconds for which what everybody in a room is told of its call is gathered. */
const GATHER_FOR = 300;

interface Told {
  /** What the room knows. */
  text: string;
  /** Set while nothing more is told yet. */
  timer: NodeJS.Timeout | null;
  isLate: boolean;
}

/** Tells rooms of their calls: a change at once, what follows it gathered, and nothing that they cannot see. */
export function createAnnouncer(bus: Bus, infoOf: (roomId: string) => CallInfo | null) {
  const rooms = new Map<string, Told>();

  function tell(roomId: string, room: Told): void {
    const call = infoOf(roomId);
    const text = JSON.stringify(call && { ...call, rev: 0 });
    room.isLate = false;
    if (text !== room.text) {
      room.text = text;
      const frame = { type: "call-info", room_id: roomId, call } as const;
      bus.publish(roomId, roomFrame(frame, { resumeOnly: true, toInboxes: true }));
    }
    room.timer = setTimeout(() => {
      room.timer = null;
      if (room.isLate) tell(roomId, room);
      else if (infoOf(roomId) === null) rooms.delete(roomId);
    }, GATHER_FOR);
    room.timer.unref();
  }

  return {
    /** Something of a room's call changed, or it is over. */
    changed(roomId: string): void {
      const room = rooms.get(roomId) ?? { text: "", timer: null, isLate: false };
      rooms.set(roomId, room);
      if (room.timer) room.isLate = true;
      else tell(roomId, room);
    },

    close(): void {
      for (const { timer } of rooms.values()) if (timer) clearTimeout(timer);
      rooms.clear();
    },
  };
}
