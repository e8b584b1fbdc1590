import type { AskedChange, Outcome, SentMessage, Violation } from "../checker/record.js";

/** Violations that are told of one run; a broken promise tends to break often. */
const INCIDENTS_LIMIT = 200;

/** What everybody sent, asked for and was told, written down while it happens. */
export class Ledger {
  readonly sent: SentMessage[] = [];
  readonly changes: AskedChange[] = [];
  readonly incidents: Violation[] = [];
  /** Acknowledgements that were heard, repeats too. */
  acknowledgements = 0;
  readonly #named = new Map<string, SentMessage>();
  /** Highest number of a creation that anybody was told of, by room. */
  readonly #heads = new Map<string, number>();

  send(message: Omit<SentMessage, "outcome" | "stored">): SentMessage {
    const entry: SentMessage = { ...message, outcome: "unknown", stored: null };
    this.sent.push(entry);
    if (entry.clientId !== null) this.#named.set(`${entry.author} ${entry.clientId}`, entry);
    return entry;
  }

  /** The message that somebody sent under a name. */
  named(author: string, clientId: string): SentMessage | undefined {
    return this.#named.get(`${author} ${clientId}`);
  }

  /** Somebody was told that a message is stored. Told twice, it must be told the same. */
  acknowledge(message: SentMessage, stored: { id: string; seq: number }): void {
    this.acknowledgements += 1;
    const before = message.stored;
    if (before && (before.id !== stored.id || before.seq !== stored.seq)) {
      const detail = `${message.clientId ?? message.content} was ${before.seq} and became ${stored.seq}`;
      this.incident({ rule: "acknowledged wrongly", who: `${message.room} ${message.lane}`, detail });
    }
    message.outcome = "acknowledged";
    message.stored = { id: stored.id, seq: stored.seq };
    this.noteHead(message.room, stored.seq);
  }

  /** An outbox is empty: whatever it has let go of counts as acknowledged, whoever told it so. */
  emptied(lane: string): void {
    for (const message of this.sent) {
      if (message.lane === lane && message.outcome === "unknown") message.outcome = "acknowledged";
    }
  }

  async change(change: Omit<AskedChange, "outcome">, run: () => Promise<Outcome>): Promise<void> {
    const entry: AskedChange = { ...change, outcome: "unknown" };
    this.changes.push(entry);
    entry.outcome = await run();
  }

  incident(violation: Violation): void {
    if (this.incidents.length < INCIDENTS_LIMIT) this.incidents.push(violation);
  }

  noteHead(room: string, seq: number): void {
    if (seq > this.head(room)) this.#heads.set(room, seq);
  }

  head(room: string): number {
    return this.#heads.get(room) ?? 0;
  }
}
