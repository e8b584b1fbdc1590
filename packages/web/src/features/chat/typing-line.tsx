import type { Profile } from "@parlor/protocol";
import { memo } from "react";
import { words } from "../../words/words.js";

/** Who is writing; its place is always there, so that nothing moves. */
export const TypingLine = memo(function TypingLine({
  typing,
  profiles,
}: {
  typing: readonly string[];
  profiles: ReadonlyMap<string, Profile>;
}) {
  const names = typing.map((id) => profiles.get(id)?.username ?? words.chat.someone);
  return (
    <div className="flex h-6 shrink-0 items-center gap-2 px-5 text-xs text-ink-soft sm:px-8">
      {names.length > 0 ? (
        <>
          <span aria-hidden="true" className="flex gap-0.5">
            {[0, 200, 400].map((delay) => (
              <span
                key={delay}
                className="size-1 animate-breathe rounded-full bg-ink-soft"
                style={{ animationDelay: `${delay}ms` }}
              />
            ))}
          </span>
          <span className="truncate">{words.chat.typing(names)}</span>
        </>
      ) : null}
    </div>
  );
});
