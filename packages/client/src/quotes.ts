import { LIMITS, type Message, type ReplyTo } from "@parlor/protocol";

/** What is known of an original: all of it, or only that it was deleted. */
export type Original = Pick<Message, "id" | "updated_seq"> & Partial<Message>;

/** A message whose quote shows the newest of two states: its own copy, and what is known of the original. */
export function withQuote(message: Message, original: Original | undefined): Message {
  const { reply_to: quote } = message;
  if (!quote || original?.id !== quote.id || original.updated_seq <= quote.updated_seq) return message;
  return { ...message, reply_to: quoteOf(quote, original) };
}

/** The same for a list; an unchanged one keeps its identity. */
export function withQuotes(
  messages: readonly Message[],
  originals: ReadonlyMap<string, Original>,
): readonly Message[] {
  if (originals.size === 0) return messages;
  const next = messages.map((message) => withQuote(message, originals.get(message.reply_to?.id ?? "")));
  return next.some((message, index) => message !== messages[index]) ? next : messages;
}

function quoteOf(quote: ReplyTo, { updated_seq, content, deleted_at, username }: Original): ReplyTo {
  // A deletion that is all that is known has no text.
  const deleted = content === undefined || (deleted_at ?? null) !== null;
  return {
    ...quote,
    updated_seq,
    deleted,
    content: deleted ? "" : beginOf(content),
    username: username ?? quote.username,
  };
}

/** As the server cuts it: no half of a pair at the end. */
function beginOf(text: string): string {
  const begin = text.slice(0, LIMITS.replyContent);
  return /[\ud800-\udbff]$/.test(begin) ? begin.slice(0, -1) : begin;
}
