import type { ReadState, RoomSummary, ServerFrameOf } from "@parlor/protocol";

/** The server counts no further; so many stand for as many or more. */
const COUNT_LIMIT = 1_000;

/** A room as it is known after something was heard, and whether only the server can say its counts now. */
export interface Heard {
  readonly room: RoomSummary;
  readonly isDoubtful: boolean;
}

/**
 * What `room_activity` makes of a room. Counts go on without asking where each number since the known head is one
 * message; an edit, a deletion, or several messages of which some mention the user leave a doubt.
 */
export function hearActivity(
  known: RoomSummary,
  frame: ServerFrameOf<"room_activity">,
  userId: string,
): Heard {
  // A server that does not say what it tells of tells of what is not known.
  const { head_seq, after_seq = known.head_seq, messages, last_message, mentions_me } = frame;
  const last = last_message ?? known.last_message;
  if (head_seq <= known.head_seq) return hearLate(known, frame);
  // A cursor may be faster than what the inbox gathers.
  const isRead = known.read_seq >= head_seq;
  const own = messages === 0 && last_message?.user_id === userId ? 1 : 0;
  const isSure =
    last_message !== null &&
    after_seq === known.head_seq &&
    head_seq - known.head_seq === messages + own &&
    !(mentions_me && messages > 1) &&
    // Some of it was read already, here or on another device: which of it, only the server knows.
    (isRead || known.read_seq <= known.head_seq) &&
    // Whoever writes has read what stood before, up to where the server says.
    !(messages > 0 && last_message.user_id === userId);
  const room = {
    ...known,
    head_seq,
    last_message: last,
    unread: isRead ? 0 : Math.min(COUNT_LIMIT, known.unread + messages),
    mentions: isRead ? 0 : Math.min(COUNT_LIMIT, known.mentions + (mentions_me ? 1 : 0)),
  };
  return { room, isDoubtful: !isSure };
}

/** The answer to a cursor came before this: it brought the counts, but not what was said. */
function hearLate(known: RoomSummary, frame: ServerFrameOf<"room_activity">): Heard {
  const { head_seq, last_message } = frame;
  const shown = known.last_message?.seq ?? 0;
  if (last_message === null) return { room: known, isDoubtful: head_seq > shown };
  if (last_message.seq <= shown) return { room: known, isDoubtful: false };
  // What was changed or deleted since, in the same moment, is told as it was written.
  return { room: { ...known, last_message }, isDoubtful: head_seq > last_message.seq };
}

/** A room whose reader has come to a number; the cursor never goes back. */
export function hearRead(known: RoomSummary, readSeq: number): Heard {
  if (readSeq <= known.read_seq) return { room: known, isDoubtful: false };
  const room = { ...known, read_seq: readSeq };
  const isAll = readSeq >= known.head_seq;
  return { room: isAll ? { ...room, unread: 0, mentions: 0 } : room, isDoubtful: !isAll };
}

/** The server's answer to a moved cursor. */
export function hearReadState(known: RoomSummary, state: ReadState): Heard {
  if (state.head_seq < known.head_seq) {
    const { room } = hearRead(known, state.read_seq);
    // The own cursor is there already, and the counts are of before it.
    return { room, isDoubtful: room.read_seq < room.head_seq };
  }
  const { head_seq, unread, mentions } = state;
  const read_seq = Math.max(known.read_seq, state.read_seq);
  return { room: { ...known, head_seq, read_seq, unread, mentions }, isDoubtful: read_seq > state.read_seq };
}

/**
 * The server's own word on a room. Where frames that came while it was on its way know a newer head, it is asked again.
 * `wanted` is how far the user has read here, told or not yet.
 */
export function hearSummary(known: RoomSummary | undefined, answer: RoomSummary, wanted: number): Heard {
  if (known && known.epoch === answer.epoch && known.head_seq > answer.head_seq) {
    const { head_seq, last_message, unread, mentions } = known;
    const read_seq = Math.max(known.read_seq, answer.read_seq);
    return { room: { ...answer, head_seq, last_message, unread, mentions, read_seq }, isDoubtful: true };
  }
  // The list may have been made before the server heard of a cursor whose answer was faster: cursors never go back.
  const confirmed = known?.epoch === answer.epoch ? known.read_seq : 0;
  const { room, isDoubtful } = hearRead(answer, Math.max(wanted, confirmed));
  // A cursor that is still on its way is told soon, and its answer brings the counts.
  return { room, isDoubtful: isDoubtful && confirmed > wanted };
}

/** When something last happened in a room that its user can see. */
export function activeAt(room: RoomSummary): string {
  return room.last_message?.timestamp ?? room.joined_at;
}

/** What moved last comes first. */
export function byActivity(rooms: Iterable<RoomSummary>): RoomSummary[] {
  return [...rooms].sort((a, b) => {
    const [newer, older] = [activeAt(b), activeAt(a)];
    return newer === older ? (a.id < b.id ? -1 : 1) : newer < older ? -1 : 1;
  });
}
