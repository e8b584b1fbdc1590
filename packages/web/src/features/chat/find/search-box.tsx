import type { Profile, SearchHit } from "@parlor/protocol";
import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { call } from "../../../lib/api.js";
import { explain } from "../../../lib/explain.js";
import { Button } from "../../../ui/button.js";
import { Spinner } from "../../../ui/spinner.js";
import { words } from "../../../words/words.js";
import { isComposing } from "../autosize-area.js";
import { MarkedText } from "./marked-text.js";
import { MessageCard } from "./message-card.js";
import type { OpenMessage } from "./message-list.js";

/** A search begins so long after the last letter, and with so many. */
const PAUSE = 250;
const SHORTEST = 2;
const PAGE = 20;

interface Found {
  readonly query: string;
  readonly hits: readonly SearchHit[];
  readonly cursor: string | null;
  readonly partial: boolean;
}

interface SearchBoxProps {
  readonly roomId: string;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly onOpen: OpenMessage;
}

/** Searches this room or all of them; the arrow keys walk over what was found, Enter leads to the first. */
export function SearchBox({ roomId, profiles, onOpen }: SearchBoxProps) {
  const id = useId();
  const [query, setQuery] = useState("");
  const [everywhere, setEverywhere] = useState(false);
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const turn = useRef(0);
  /** Enter was pressed before the answer was there. */
  const isFirstWanted = useRef(false);

  async function ask(q: string, before: Found | null) {
    const own = ++turn.current;
    setBusy(true);
    setError(null);
    try {
      const cursor = before?.cursor ? { cursor: before.cursor } : {};
      const room = everywhere ? {} : { room_id: roomId };
      const answer = await call("search", { query: { q, limit: PAGE, ...room, ...cursor } });
      if (own !== turn.current) return;
      const hits = [...(before?.hits ?? []), ...answer.hits];
      setFound({ query: q, hits, cursor: answer.cursor, partial: answer.partial });
      const [first] = hits;
      if (isFirstWanted.current && first) onOpen(first.message);
      isFirstWanted.current = false;
    } catch (cause) {
      if (own === turn.current) setError(explain(cause));
    } finally {
      if (own === turn.current) setBusy(false);
    }
  }
  const latest = useRef(ask);
  latest.current = ask;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is another search.
  useEffect(() => {
    const q = query.trim();
    turn.current += 1;
    isFirstWanted.current = false;
    setBusy(false);
    if (q.length < SHORTEST) return setFound(null);
    const timer = setTimeout(() => void latest.current(q, null), PAUSE);
    return () => clearTimeout(timer);
  }, [query, everywhere]);

  function openFirst() {
    const first = found?.query === query.trim() ? found.hits[0] : undefined;
    if (first) onOpen(first.message);
    else isFirstWanted.current = true;
  }
  function walk(event: React.KeyboardEvent) {
    const isInField = (event.target as HTMLElement).matches("input[type=search]");
    if (event.key === "Enter" && isInField && !isComposing(event)) {
      event.preventDefault();
      return openFirst();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step || !box.current) return;
    const stops = [...box.current.querySelectorAll<HTMLElement>("input[type=search], [data-hits] button")];
    const next = stops[stops.indexOf(document.activeElement as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it moves the focus between what is inside.
    <div ref={box} onKeyDown={walk}>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden="true" className="size-5 shrink-0 text-ink-faint" />
        <input
          type="search"
          value={query}
          maxLength={200}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={words.find.search}
          aria-describedby={`${id}-state`}
          placeholder={words.find.placeholder}
          dir="auto"
          // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type here.
          autoFocus
          className="h-14 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        {busy ? <Spinner /> : null}
        <select
          aria-label={words.find.where}
          value={everywhere ? "all" : "room"}
          onChange={(event) => setEverywhere(event.target.value === "all")}
          className="h-9 max-w-32 shrink-0 rounded-md bg-hover px-2 text-sm"
        >
          <option value="room">{words.find.inRoom}</option>
          <option value="all">{words.find.everywhere}</option>
        </select>
      </div>
      {found && found.hits.length > 0 ? (
        <ul data-hits="" aria-label={words.find.results} className="p-2">
          {found.hits.map(({ message, text, ranges }) => (
            <li key={message.id}>
              <MessageCard
                message={message}
                profile={profiles.get(message.user_id)}
                onOpen={() => onOpen(message)}
              >
                <MarkedText text={text} ranges={ranges} />
              </MessageCard>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="grid justify-items-center gap-3 px-5 pb-4">
        <p id={`${id}-state`} role="status" className="text-center text-sm text-ink-soft empty:hidden">
          {error ??
            (!found
              ? words.find.start
              : found.hits.length === 0
                ? words.find.none(found.query)
                : found.partial
                  ? words.find.partial
                  : null)}
        </p>
        {found?.cursor ? (
          <Button size="sm" busy={busy} onClick={() => void ask(found.query, found)}>
            {words.find.more}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
