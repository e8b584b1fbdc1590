import type { AvatarUrls, Profile, ProfileExtra, User } from "@parlor/protocol";
import { atBase } from "../base-address.js";

/** A row of `users`. Paths of pictures kept here start with `/`; see `base-address`. */
export interface UserRow {
  readonly id: string;
  readonly username: string | null;
  readonly display_name: string | null;
  readonly username_key: string | null;
  readonly shown_name: string;
  readonly shown_key: string;
  readonly bio: string | null;
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly avatar_url: string | null;
  readonly avatar_urls: AvatarUrls | null;
  readonly given_avatar_url: string | null;
  readonly placeholder_url: string | null;
  readonly extras: Partial<Record<ProfileExtra, string>>;
  readonly password_hash: string | null;
  /** Protected by a password or a sign-in link. */
  readonly account: boolean;
  /** Whether a session of this user was presented: from then on only its sessions act. */
  readonly held: boolean;
  readonly profile_rev: number;
  readonly created_at: Date;
}

/** Every size with its absolute address. */
function absoluteUrls(urls: AvatarUrls | null): AvatarUrls | null {
  if (!urls) return null;
  return Object.fromEntries(Object.entries(urls).map(([size, url]) => [size, atBase(url ?? null)]));
}

/** The avatar that somebody chose: the profile's, else the newest real one given at a join. */
export function chosenAvatar(user: UserRow): string | null {
  return user.avatar_url ?? user.given_avatar_url;
}

/** What lines show of a user. `own` is the message's own picture, which ranks above a placeholder only. */
export function toProfile(user: UserRow): Profile {
  return {
    user_id: user.id,
    username: user.shown_name,
    avatar_url: atBase(chosenAvatar(user) ?? user.placeholder_url),
    avatar_urls: absoluteUrls(user.avatar_urls),
    profile_rev: user.profile_rev,
  };
}

/** A user as REST answers; the e-mail only for `owner`, a presented session of the user's own. */
export function toUser(user: UserRow, owner: boolean): User {
  const created = user.created_at.toISOString();
  return {
    id: user.id,
    username: user.username ?? user.shown_name,
    display_name: user.display_name,
    bio: user.bio,
    ...(owner ? { email: user.email } : {}),
    avatar_url: atBase(chosenAvatar(user)),
    avatar_urls: absoluteUrls(user.avatar_urls),
    joined_at: created,
    created_at: created,
    account: user.account,
    profile_rev: user.profile_rev,
    ...user.extras,
  };
}
