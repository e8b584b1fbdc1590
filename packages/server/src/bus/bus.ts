import type { RoomFrame } from "./frame.js";

/** Carries what happens in a room to every node that has sockets in it, this one too. */
export interface Bus {
  /** Hands a frame to the subscribers of its room, in the order of the calls. */
  publish(roomId: string, frame: RoomFrame): void;
  /** Calls `handler` with each frame of every room. */
  subscribe(handler: (roomId: string, frame: RoomFrame) => void): void;
}
