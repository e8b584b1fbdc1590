import type { Profile } from "@parlor/protocol";
import { memo } from "react";
import { Avatar } from "../../ui/avatar.js";
import { words } from "../../words/words.js";
import { PersonButton, StatusMark } from "../people/public.js";

function Person({ profile, online, you }: { profile: Profile; online: boolean; you: boolean }) {
  const { user_id: id, username: name, avatar_url, avatar_urls } = profile;
  return (
    <li>
      <PersonButton
        userId={id}
        name={name}
        className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-start transition-colors duration-120 hover:bg-hover"
      >
        <Avatar
          person={{ id, name, avatar_url, avatar_urls }}
          size={32}
          online={online}
          {...(online ? {} : { className: "opacity-60" })}
        />
        <span className="flex min-w-0 items-baseline gap-1.5">
          <bdi className={online ? "truncate font-medium" : "truncate text-ink-soft"}>{name}</bdi>
          {you ? <span className="shrink-0 text-xs text-ink-faint">({words.chat.you})</span> : null}
          <StatusMark person={profile} />
        </span>
      </PersonButton>
    </li>
  );
}

interface PeopleProps {
  readonly online: readonly string[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly userId: string;
}

/** Who is here, and who else belongs to the room. */
export const People = memo(function People({ online, profiles, userId }: PeopleProps) {
  const here = new Set(online);
  const sorted = [...profiles.values()].sort((a, b) => a.username.localeCompare(b.username));
  const present = sorted.filter((profile) => here.has(profile.user_id));
  const away = sorted.filter((profile) => !here.has(profile.user_id));
  const list = (people: readonly Profile[], isOnline: boolean) => (
    <ul>
      {people.map((profile) => (
        <Person key={profile.user_id} profile={profile} online={isOnline} you={profile.user_id === userId} />
      ))}
    </ul>
  );
  return (
    <div className="grid grid-cols-1 gap-5 px-3 pt-2 pb-6">
      <section aria-label={words.chat.hereNow(present.length)}>
        <h2 className="px-2 pb-1.5 text-xs font-semibold text-ink-faint">
          {words.chat.hereNow(present.length)}
        </h2>
        {list(present, true)}
        {present.every((profile) => profile.user_id === userId) ? (
          <p className="px-2 pt-1 text-sm text-ink-faint">{words.chat.nobodyElse}</p>
        ) : null}
      </section>
      {away.length > 0 ? (
        <section aria-label={words.chat.away(away.length)}>
          <h2 className="px-2 pb-1.5 text-xs font-semibold text-ink-faint">{words.chat.away(away.length)}</h2>
          {list(away, false)}
        </section>
      ) : null}
    </div>
  );
});
