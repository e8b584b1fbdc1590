import type { Message, Profile } from "@parlor/protocol";
import type { Deletion, RoomModel } from "./model.js";
import { mergeProfiles, profileOfAuthor } from "./profiles.js";
import { type Original, withQuote, withQuotes } from "./quotes.js";

/** Collects changes of one step, so that the list is copied once and only when something changed. */
export class Draft {
  readonly #model: RoomModel;
  readonly #floor: number;
  readonly #ceiling: number;
  #newestSeq: number;
  #messages: Message[] | null = null;
  #strays: Map<number, Message | Deletion> | null = null;
  readonly #authors: Profile[] = [];
  /** What changed after its creation: quotes of it show the change. */
  readonly #changed = new Map<string, Original>();

  constructor(model: RoomModel, floor: number, ceiling: number) {
    this.#model = model;
    this.#floor = floor;
    this.#ceiling = ceiling;
    this.#newestSeq = model.newestSeq;
  }

  /** Newest `updated_seq` wins; a message outside of the loaded part is only noted. */
  put(message: Message): void {
    this.#authors.push(profileOfAuthor(message));
    this.#newestSeq = Math.max(this.#newestSeq, message.seq);
    const noted = this.#stray(message.seq);
    const newest = noted !== undefined && noted.updated_seq > message.updated_seq ? noted : message;
    if (newest.updated_seq > message.seq) this.#changed.set(message.id, newest);
    if (message.seq < this.#floor || message.seq > this.#ceiling) {
      this.#note(newest);
      return;
    }
    if (noted) this.#forget(message.seq);
    this.#insert(isMessage(newest) ? newest : tombstone(message, newest, message.timestamp));
  }

  /** A deletion of a message that was never loaded leaves a note alone: there is nothing to show. */
  remove(deletion: Deletion, now: number): void {
    this.#changed.set(deletion.id, deletion);
    const known = this.#list[this.#indexOf(deletion.seq)];
    if (known?.seq === deletion.seq) this.#insert(tombstone(known, deletion, new Date(now).toISOString()));
    else this.#note(deletion);
  }

  /** Messages that were noted and now lie in the loaded part, from a number on. */
  takeStrays(from = this.#floor): void {
    for (const stray of [...this.#model.strays.values()].sort((a, b) => a.seq - b.seq)) {
      if (stray.seq >= from && stray.seq <= this.#ceiling && isMessage(stray)) this.put(stray);
    }
  }

  done(): RoomModel {
    const profiles = mergeProfiles(this.#model.profiles, this.#authors);
    const messages = withQuotes(this.#list, this.#changed);
    const newestSeq = this.#newestSeq;
    const isSame = messages === this.#model.messages && newestSeq === this.#model.newestSeq && !this.#strays;
    if (isSame && profiles === this.#model.profiles) return this.#model;
    return { ...this.#model, messages, newestSeq, strays: this.#strays ?? this.#model.strays, profiles };
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
    this.#messages.splice(index, replaces ? 1 : 0, withQuote(message, this.#original(message)));
  }

  /** What is known of the message that another one answers. */
  #original({ reply_to }: Message): Original | undefined {
    if (!reply_to) return undefined;
    const loaded = this.#list[this.#indexOf(reply_to.seq)];
    return loaded?.seq === reply_to.seq ? loaded : this.#stray(reply_to.seq);
  }

  #stray(seq: number): Message | Deletion | undefined {
    return (this.#strays ?? this.#model.strays).get(seq);
  }

  #note(change: Message | Deletion): void {
    if (change.seq > this.#ceiling && !this.#model.paging) return;
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
  const { reply_to, mentions, mentions_room, pinned_at, pinned_by, attachments, ...rest } = message;
  return { ...rest, updated_seq, content: "", reactions: [], deleted_at: message.deleted_at ?? deletedAt };
}
