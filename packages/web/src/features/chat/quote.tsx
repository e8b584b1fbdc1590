import type { Profile, ReplyTo } from "@parlor/protocol";
import { Avatar } from "../../ui/avatar.js";
import { words } from "../../words/words.js";
import { plainOf } from "./text/plain.js";

interface QuoteProps {
  readonly quote: ReplyTo;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Goes to the original. */
  readonly onOpen: (seq: number) => void;
}

/** What a message answers: face, name and one line, which lead to the original. */
export function Quote({ quote, profiles, onOpen }: QuoteProps) {
  const profile = profiles.get(quote.user_id);
  const name = profile?.username ?? quote.username;
  const text = quote.deleted ? words.chat.deleted : plainOf(quote.content).replace(/\s+/g, " ");
  return (
    <button
      type="button"
      aria-label={words.chat.openQuote(name, text)}
      onClick={(event) => {
        event.stopPropagation();
        onOpen(quote.seq);
      }}
      className="mb-0.5 flex max-w-full items-center gap-1.5 rounded-sm border-s-2 border-accent/40 ps-2 text-start text-sm text-ink-soft hover:border-accent hover:text-ink"
    >
      <Avatar
        person={{
          id: quote.user_id,
          name,
          avatar_url: profile?.avatar_url ?? null,
          avatar_urls: profile?.avatar_urls ?? null,
        }}
        size={16}
      />
      <bdi className="max-w-40 shrink-0 truncate font-medium">{name}</bdi>
      <span dir="auto" className={quote.deleted ? "truncate text-ink-faint italic" : "truncate"}>
        {text}
      </span>
    </button>
  );
}
