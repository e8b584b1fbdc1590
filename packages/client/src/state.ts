import type { Message, Profile, ServerFrame, ServerFrameOf } from "@parlor/protocol";
import type { MessagePage } from "./api.js";
import { mergeProfiles, profileOfAuthor } from "./profiles.js";
import type { RoomState } from "./types.js";

/** How long "is typing" stays without news: a little longer than the server lets it. */
export const TYPING_EXPIRY = 8_000;

/** A deletion as its frame tells it. */
type Deletion = Pick<ServerFrameOf<"message_deleted">, "id" | "seq" | "updated_seq">;

/** The state that a screen draws, and what the client must know beside it to keep it true. */
export interface RoomModel extends RoomState {
  readonly userId: string;
  /** The number of the last change that was applied in order: where a resume goes on. */
  readonly cursor: number;
  /** The life of the history that `cursor` counts in. */
  readonly epoch: string | null;
  /** When each "is typing" ends without news, milliseconds since 1970. */
  readonly typingUntil: ReadonlyMap<string, number>;
  /**
   * Newest change, by `seq`, of messages that are not loaded: a page that was read before the change and arrives
   * after it must not bring the old state back.
   */
  readonly strays: ReadonlyMap<number, Message | Deletion>;
}

/** A room before anything was loaded. */
export function emptyModel(roomId: string, userId: string): RoomModel {
  return {
    roomId,
    userId,
    status: "connecting",
    failure: null,
    nextAttemptAt: null,
    messages: [],
    hasOlder: false,
    loaded: false,
    pending: [],
    online: [],
    typing: [],
    profiles: new Map(),
    cursor: 0,
    epoch: null,
    typingUntil: new Map(),
    strays: new Map(),
  };
}

/** The room opened anew at its newest page: nothing of an older life stays, except what is unsent and the profiles. */
export function applyFreshPage(model: RoomModel, page: MessagePage & { readonly limit: number }): RoomModel {
  return {
    ...model,
    messages: [...page.messages].sort((a, b) => a.seq - b.seq),
    hasOlder: page.messages.length >= page.limit,
    loaded: true,
    cursor: page.nextAfter,
    epoch: page.epoch,
    strays: new Map(),
    profiles: mergeProfiles(model.profiles, page.messages.map(profileOfAuthor)),
  };
}

/** A page that was asked with `before`. One that would leave a hole, or is of another life, changes nothing. */
export function applyOlderPage(
  model: RoomModel,
  page: MessagePage & { readonly before: number; readonly limit: number },
): RoomModel {
  if (page.before < floorOf(model) || isOtherEpoch(model, page.epoch)) return model;
  const hasOlder = model.hasOlder && page.messages.length >= page.limit;
  const first = page.messages[0]?.seq ?? page.before;
  // The page is contiguous: from its first message on, nothing is a stray any more.
  const floor = hasOlder ? Math.min(first, floorOf(model)) : 0;
  const draft = new Draft(model, floor);
  for (const message of page.messages) draft.put(message);
  draft.takeStrays();
  return { ...draft.done(), hasOlder };
}

/** What changed after the cursor, asked with `after`: moves the cursor to where the answer is complete. */
export function applyChanges(model: RoomModel, page: MessagePage): RoomModel {
  if (isOtherEpoch(model, page.epoch)) return model;
  const next = withCursor(applyMessages(model, page.messages), page.nextAfter);
  return next.epoch === null && page.epoch !== null ? { ...next, epoch: page.epoch } : next;
}

/** Newest states of messages that came outside of the order, as answers to own requests: the cursor stays. */
export function applyMessages(model: RoomModel, messages: readonly Message[]): RoomModel {
  if (messages.length === 0) return model;
  const draft = new Draft(model, floorOf(model));
  for (const message of messages) draft.put(message);
  return draft.done();
}

/** The state after a frame. Pure: the same frames in any order, and any of them twice, give the same messages. */
export function applyFrame(model: RoomModel, frame: ServerFrame, now: number): RoomModel {
  switch (frame.type) {
    case "welcome":
      return {
        ...model,
        epoch: frame.epoch,
        online: frame.online,
        profiles: mergeProfiles(model.profiles, frame.profiles),
      };
    case "message": {
      const { repeat, ...message } = frame;
      const next = withoutTyping(applyMessages(model, [message]), message.user_id);
      // A repeat answers this socket alone, outside of the order.
      return repeat ? next : withCursor(next, message.updated_seq);
    }
    case "message_updated":
      return withCursor(applyMessages(model, [frame.message]), frame.message.updated_seq);
    case "message_deleted": {
      const draft = new Draft(model, floorOf(model));
      draft.remove(frame, now);
      return withCursor(draft.done(), frame.updated_seq);
    }
    case "synced":
      return withCursor(model, frame.head_seq);
    case "user_joined": {
      const profile = { ...frame, avatar_urls: null, profile_rev: 0 };
      const next = { ...model, profiles: mergeProfiles(model.profiles, [pickProfile(profile)]) };
      return next.online.includes(frame.user_id)
        ? next
        : { ...next, online: [...next.online, frame.user_id] };
    }
    case "user_left": {
      const next = withoutTyping(model, frame.user_id);
      return next.online.includes(frame.user_id)
        ? { ...next, online: next.online.filter((id) => id !== frame.user_id) }
        : next;
    }
    case "typing_start":
      if (frame.user_id === model.userId) return model;
      return withTyping(model, new Map(model.typingUntil).set(frame.user_id, now + TYPING_EXPIRY));
    case "typing_stop":
      return withoutTyping(model, frame.user_id);
    case "profile_updated":
    case "avatar_updated":
      return { ...model, profiles: mergeProfiles(model.profiles, [pickProfile(frame)]) };
    default:
      return model;
  }
}

/** The state after "is typing" of those who went silent has ended. */
export function expireTyping(model: RoomModel, now: number): RoomModel {
  const left = [...model.typingUntil].filter(([, until]) => until > now);
  return left.length === model.typingUntil.size ? model : withTyping(model, new Map(left));
}

/** Drops what was noted of messages above the first loaded one: a page asked from now on is newer than it. */
export function forgetOldStrays(model: RoomModel): RoomModel {
  const floor = floorOf(model);
  const left = [...model.strays].filter(([seq]) => seq >= floor);
  return left.length === model.strays.size ? model : { ...model, strays: new Map(left) };
}

/** The `updated_seq` that a frame takes in the room's order; `null` for one that takes none. */
export function numberOf(frame: ServerFrame): number | null {
  if (frame.type === "message") return frame.repeat ? null : frame.updated_seq;
  if (frame.type === "message_updated") return frame.message.updated_seq;
  return frame.type === "message_deleted" ? frame.updated_seq : null;
}

/** Whether an answer counts in another life of the history. A room that was unknown a moment ago had none. */
export function isOtherEpoch(model: RoomModel, epoch: string | null): boolean {
  return epoch !== null && model.epoch !== null && epoch !== model.epoch;
}

/** Below it messages are not loaded. */
function floorOf(model: RoomModel): number {
  return model.hasOlder ? (model.messages[0]?.seq ?? 0) : 0;
}

function withCursor(model: RoomModel, cursor: number): RoomModel {
  return cursor > model.cursor ? { ...model, cursor } : model;
}

function withTyping(model: RoomModel, typingUntil: ReadonlyMap<string, number>): RoomModel {
  const same = typingUntil.size === model.typing.length && model.typing.every((id) => typingUntil.has(id));
  return { ...model, typingUntil, typing: same ? model.typing : [...typingUntil.keys()] };
}

function withoutTyping(model: RoomModel, userId: string): RoomModel {
  if (!model.typingUntil.has(userId)) return model;
  return withTyping(model, new Map([...model.typingUntil].filter(([id]) => id !== userId)));
}

function pickProfile({ user_id, username, avatar_url, avatar_urls, profile_rev }: Profile): Profile {
  return { user_id, username, avatar_url, avatar_urls, profile_rev };
}

/** Collects changes of one step, so that the list is copied once and only when something changed. */
class Draft {
  readonly #model: RoomModel;
  readonly #floor: number;
  #messages: Message[] | null = null;
  #strays: Map<number, Message | Deletion> | null = null;
  readonly #authors: Profile[] = [];

  constructor(model: RoomModel, floor: number) {
    this.#model = model;
    this.#floor = floor;
  }

  /** Newest `updated_seq` wins; a message below the loaded part is only noted. */
  put(message: Message): void {
    this.#authors.push(profileOfAuthor(message));
    const noted = this.#stray(message.seq);
    const newest = noted !== undefined && noted.updated_seq > message.updated_seq ? noted : message;
    if (message.seq < this.#floor) {
      this.#note(newest);
      return;
    }
    if (noted) this.#forget(message.seq);
    this.#insert(isMessage(newest) ? newest : tombstone(message, newest, message.timestamp));
  }

  /** A deletion of a message that was never loaded leaves a note alone: there is nothing to show. */
  remove(deletion: Deletion, now: number): void {
    const known = this.#list[this.#indexOf(deletion.seq)];
    if (known?.seq === deletion.seq) this.#insert(tombstone(known, deletion, new Date(now).toISOString()));
    else this.#note(deletion);
  }

  /** Messages that were noted and now lie in the loaded part. */
  takeStrays(): void {
    for (const stray of this.#model.strays.values()) {
      if (stray.seq >= this.#floor && isMessage(stray)) this.put(stray);
    }
  }

  done(): RoomModel {
    const profiles = mergeProfiles(this.#model.profiles, this.#authors);
    if (!this.#messages && !this.#strays && profiles === this.#model.profiles) return this.#model;
    return { ...this.#model, messages: this.#list, strays: this.#strays ?? this.#model.strays, profiles };
  }

  get #list(): readonly Message[] {
    return this.#messages ?? this.#model.messages;
  }

  /** Where a `seq` is, or belongs. Nearly every message belongs at the end. */
  #indexOf(seq: number): number {
    const list = this.#list;
    let [low, high] = [0, list.length];
    if (high > 0 && (list[high - 1]?.seq ?? 0) < seq) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(message: Message): void {
    const index = this.#indexOf(message.seq);
    const known = this.#list[index];
    const replaces = known?.seq === message.seq;
    if (replaces && known.updated_seq >= message.updated_seq) return;
    this.#messages ??= [...this.#model.messages];
    this.#messages.splice(index, replaces ? 1 : 0, message);
  }

  #stray(seq: number): Message | Deletion | undefined {
    return (this.#strays ?? this.#model.strays).get(seq);
  }

  #note(change: Message | Deletion): void {
    const noted = this.#stray(change.seq);
    if (noted && noted.updated_seq >= change.updated_seq) return;
    this.#strays ??= new Map(this.#model.strays);
    this.#strays.set(change.seq, change);
  }

  #forget(seq: number): void {
    this.#strays ??= new Map(this.#model.strays);
    this.#strays.delete(seq);
  }
}

function isMessage(change: Message | Deletion): change is Message {
  return "content" in change;
}

function tombstone(message: Message, { updated_seq }: Deletion, deletedAt: string): Message {
  return { ...message, updated_seq, content: "", reactions: [], deleted_at: message.deleted_at ?? deletedAt };
}
