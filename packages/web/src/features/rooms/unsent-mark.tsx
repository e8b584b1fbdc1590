import type { Unsent } from "@parlor/client";
import { CircleAlert, Clock, DoorClosed } from "lucide-react";
import { Link } from "wouter";
import { cx } from "../../lib/cx.js";
import { words } from "../../words/words.js";
import { roomPath } from "./link.js";

/** What the person wrote here and nobody has got yet. */
export function UnsentMark({ unsent }: { unsent: Unsent | undefined }) {
  if (!unsent) return null;
  const { failed, waiting } = unsent;
  const Icon = failed > 0 ? CircleAlert : Clock;
  return (
    <span
      className={cx(
        "inline-flex shrink-0 items-center gap-1 text-xs",
        failed > 0 ? "text-danger" : "text-ink-faint",
      )}
    >
      <Icon aria-hidden="true" className="size-3.5" />
      {failed > 0 ? words.rooms.failed(failed) : words.rooms.unsent(waiting)}
    </span>
  );
}

/** Rooms that are in no list any more, with something unsent in them. */
export function LostRooms({ ids, unsent }: { ids: readonly string[]; unsent: ReadonlyMap<string, Unsent> }) {
  if (ids.length === 0) return null;
  return (
    <section aria-label={words.rooms.unsentElsewhere}>
      <h2 className="px-2.5 pt-3 pb-1 text-xs font-semibold text-ink-faint">{words.rooms.unsentElsewhere}</h2>
      <ul className="grid grid-cols-1 gap-0.5">
        {ids.map((id) => (
          <li key={id}>
            <Link
              href={roomPath(id)}
              className="flex items-center gap-3 rounded-md px-2.5 py-2 transition-colors duration-120 hover:bg-hover"
            >
              <DoorClosed aria-hidden="true" className="size-5 shrink-0 text-ink-faint" />
              <span className="min-w-0 flex-1 truncate">{id}</span>
              <UnsentMark unsent={unsent.get(id)} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
