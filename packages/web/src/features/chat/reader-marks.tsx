import type { Profile } from "@parlor/protocol";
import { Avatar } from "../../ui/avatar.js";
import { words } from "../../words/words.js";

/** Names that are said; the others are a number. */
const NAMED = 10;

interface ReaderMarksProps {
  readonly readers: readonly string[];
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Who has read up to a message, in the margin beside it: a face, or how many they are. It moves no line. */
export function ReaderMarks({ readers, profiles }: ReaderMarksProps) {
  const known = readers.map((id) => profiles.get(id)).filter((profile) => profile !== undefined);
  const names = known.slice(0, NAMED).map(({ username }) => username);
  const text = words.chat.readBy(words.chat.reactors(names, readers.length - names.length));
  const [only] = known;
  return (
    <span className="absolute end-0.5 bottom-1 sm:end-1" title={text}>
      <span className="sr-only">{text}</span>
      <span aria-hidden="true">
        {readers.length === 1 && only ? (
          <Avatar
            person={{
              id: only.user_id,
              // One letter is all that has room.
              name: [...only.username][0] ?? "",
              avatar_url: only.avatar_url,
              avatar_urls: only.avatar_urls,
            }}
            size={14}
          />
        ) : (
          <span className="grid h-3.5 min-w-3.5 place-items-center rounded-full bg-hover px-0.5 text-[0.625rem] leading-none font-semibold text-ink-soft tabular-nums">
            {readers.length}
          </span>
        )}
      </span>
    </span>
  );
}
