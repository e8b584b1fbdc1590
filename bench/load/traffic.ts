import { createMessageFrames, MARK_LENGTH, readMark } from "./client-frame.js";
import { createHistogram } from "./histogram.js";
import type { Member } from "./member.js";
import type { FanOutSpec } from "./spec.js";

/** Messages whose time of sending is remembered; far more than are under way at one time. */
const RING = 1 << 20;
/** Content of a message in bytes, about a line of a chat. */
const CONTENT_BYTES = 70;
/** Flat out, every so many deliveries are timed; else each. */
const SAMPLE_EVERY = 16;
const AT = "@".charCodeAt(0);
const T = "T".charCodeAt(0);

interface Room {
  sent: number;
  delivered: number;
}

/** What is sent and what arrives: the marks in the messages tell which is which. */
export function createTraffic(spec: FanOutSpec, protocol: "ws" | "socketio") {
  const { rooms: roomCount, members: size, senders, drive } = spec;
  const frameOf = createMessageFrames(protocol, CONTENT_BYTES);
  const rooms: Room[] = Array.from({ length: roomCount }, () => ({ sent: 0, delivered: 0 }));
  const received = new Float64Array(roomCount * size);
  const sentAt = new Float64Array(RING);
  const senderOf = new Int32Array(RING);
  const every = drive.kind === "room-window" ? SAMPLE_EVERY : 1;
  let members: readonly Member[] = [];
  let latency = createHistogram();
  let lateness = createHistogram();
  let next = 0;
  let position = 0;
  let untilSample = 0;
  let bytes = 0;
  let texts = 0;
  let onProgress: (sender: number) => void = () => undefined;

  /** The mark stands where it stood in the frame before, nearly always. */
  function findMark(buffer: Buffer, start: number, end: number): number {
    const guess = start + position;
    if (buffer[guess] === AT && buffer[guess + 1] === T && guess + MARK_LENGTH <= end) return guess;
    const found = buffer.subarray(start, end).indexOf("@T");
    if (found < 0 || start + found + MARK_LENGTH > end) return -1;
    position = found;
    return start + found;
  }

  return {
    rooms,

    /** Tells who sends; the member with number `n` is in room `n % rooms`. */
    use(connected: readonly Member[]): void {
      members = connected;
    },

    /** Called after each delivery to a member: with a sender window, after its own message came back to it. */
    set onProgress(listener: (sender: number) => void) {
      onProgress = listener;
    },

    onBytes(count: number): void {
      bytes += count;
    },

    /** Text frames that came to members, of all kinds, since the beginning. */
    get texts(): number {
      return texts;
    },

    /** Takes a text frame that a member received. */
    onText(member: number, buffer: Buffer, start: number, end: number): void {
      texts += 1;
      const at = findMark(buffer, start, end);
      if (at < 0) return;
      received[member] = (received[member] ?? 0) + 1;
      const room = rooms[member % roomCount];
      if (room) room.delivered += 1;
      untilSample -= 1;
      if (untilSample > 0) {
        onProgress(-1);
        return;
      }
      untilSample = every;
      const index = readMark(buffer, at) % RING;
      const sender = senderOf[index] ?? -1;
      const own = sender === member;
      // An acknowledgement is what the sender itself gets back.
      if (drive.kind !== "sender-window" || own) latency.add(performance.now() - (sentAt[index] ?? 0));
      onProgress(own ? sender : -1);
    },

    /** Sends the next message of a room, by its senders in turn; `due` is the time it is stamped with. */
    sendIn(roomIndex: number, due = performance.now()): void {
      const room = rooms[roomIndex];
      if (room) this.sendBy(roomIndex + (room.sent % senders) * roomCount, due);
    },

    /** Sends a message of a member. */
    sendBy(member: number, due = performance.now()): void {
      const room = rooms[member % roomCount];
      if (!room) return;
      const index = next;
      next = (next + 1) % 0xff_ff_ff_ff;
      sentAt[index % RING] = due;
      senderOf[index % RING] = member;
      room.sent += 1;
      lateness.add(performance.now() - due);
      members[member]?.send(frameOf(index));
    },

    /** Whether every member has received all that was sent in its room. */
    isDrained: (): boolean => rooms.every((room) => room.delivered >= room.sent * size),

    /** Forgets what was counted; nothing may be under way. */
    reset(): void {
      for (const room of rooms) {
        room.sent = 0;
        room.delivered = 0;
      }
      received.fill(0);
      latency = createHistogram();
      lateness = createHistogram();
      bytes = 0;
    },

    /** What was counted since the last reset. */
    count() {
      let missing = 0;
      for (const [member, count] of received.entries()) {
        missing += Math.abs((rooms[member % roomCount]?.sent ?? 0) - count);
      }
      const sent = rooms.reduce((sum, room) => sum + room.sent, 0);
      const deliveries = rooms.reduce((sum, room) => sum + room.delivered, 0);
      return { sent, deliveries, missing, bytes, latency, lateness };
    },
  };
}

export type Traffic = ReturnType<typeof createTraffic>;
