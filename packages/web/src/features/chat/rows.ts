import type { PendingMessage } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { dayOf } from "../../lib/time.js";

/** Lines of one author closer than this share one heading. */
const GROUP_MS = 5 * 60_000;

interface Line {
  readonly key: string;
  /** Begins a group: with face, name and time. */
  readonly head: boolean;
  /** The first line of a day: that day is said above it. */
  readonly day: boolean;
  /** The first unread line. */
  readonly fresh: boolean;
  readonly time: number;
}

/** One line of the timeline. */
export type Row =
  | { readonly kind: "intro"; readonly key: "intro" }
  | (Line & { readonly kind: "message"; readonly message: Message })
  | (Line & { readonly kind: "pending"; readonly pending: PendingMessage });

const times = new WeakMap<Message, { time: number; day: number }>();

/** When a message was stored, and its local day; kept, since every change asks for those of all rows. */
function stampOf(message: Message): { time: number; day: number } {
  let stamp = times.get(message);
  if (!stamp) {
    const time = Date.parse(message.timestamp);
    stamp = { time, day: dayOf(new Date(time)) };
    times.set(message, stamp);
  }
  return stamp;
}

/** An own line keeps its key when its message is stored, so that it is not drawn anew. */
function keyOf(message: Message, userId: string): string {
  return message.user_id === userId && message.client_id ? `own:${message.client_id}` : message.id;
}

interface RowsInput {
  readonly messages: readonly Message[];
  readonly pending: readonly PendingMessage[];
  readonly userId: string;
  /** Whether the beginning of the room is loaded. */
  readonly complete: boolean;
  /** The line "new messages" stands above the first message of others after this number. */
  readonly lineAfter: number | null;
}

/** The lines of a timeline, in order. */
export function rowsOf({ messages, pending, userId, complete, lineAfter }: RowsInput): Row[] {
  const rows: Row[] = complete ? [{ kind: "intro", key: "intro" }] : [];
  let author: string | null = null;
  let time = 0;
  let day = 0;
  // Where the last read message is not loaded, nobody knows yet which unread one is the first.
  let marked = lineAfter === null || !(complete || (messages[0]?.seq ?? 0) <= lineAfter);
  // Whether the first loaded message begins a group or a day is known when the one above it is. Shown before that, it
  // would change its height under the reader's eyes.
  const skipped = !complete && messages.length > 1 ? messages[0] : undefined;
  for (const message of messages) {
    const stamp = stampOf(message);
    if (message === skipped) {
      ({ time, day } = stamp);
      author = message.user_id;
      continue;
    }
    const newDay = stamp.day !== day;
    const fresh = !marked && message.seq > (lineAfter ?? 0) && message.user_id !== userId;
    marked ||= fresh;
    const head = newDay || fresh || message.user_id !== author || stamp.time - time > GROUP_MS;
    rows.push({
      kind: "message",
      key: keyOf(message, userId),
      message,
      head,
      day: newDay,
      fresh,
      time: stamp.time,
    });
    ({ time, day } = stamp);
    author = message.user_id;
  }
  for (const waiting of pending) {
    const today = dayOf(new Date(waiting.created_at));
    const newDay = today !== day;
    const head = newDay || userId !== author || waiting.created_at - time > GROUP_MS;
    rows.push({
      kind: "pending",
      key: `own:${waiting.client_id}`,
      pending: waiting,
      head,
      day: newDay,
      fresh: false,
      time: waiting.created_at,
    });
    time = waiting.created_at;
    day = today;
    author = userId;
  }
  return rows;
}
