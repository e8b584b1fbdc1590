import type { AvatarUrls, Profile, ProfileExtra, User } from "@parlor/protocol";
import { atBase, mapUrls } from "../base-address.js";

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
  readonly status_emoji: string | null;
  readonly status_text: string | null;
  readonly status_until: Date | null;
  readonly read_receipts: boolean;
  readonly show_last_seen: boolean;
  readonly last_seen_at: Date | null;
}

/**
 * The row for keeping, with its known columns alone. What comes from the driver or from JSON is a hash table for the engine,
 * seven times the size.
 */
export function keptUser(user: UserRow): UserRow {
  return {
    id: user.id,
    username: user.username,
    display_name: user.display_name,
    username_key: user.username_key,
    shown_name: user.shown_name,
    shown_key: user.shown_key,
    bio: user.bio,
    email: user.email,
    email_verified: user.email_verified,
    avatar_url: user.avatar_url,
    avatar_urls: user.avatar_urls,
    given_avatar_url: user.given_avatar_url,
    placeholder_url: user.placeholder_url,
    extras: user.extras,
    password_hash: user.password_hash,
    account: user.account,
    held: user.held,
    profile_rev: user.profile_rev,
    created_at: user.created_at,
    status_emoji: user.status_emoji,
    status_text: user.status_text,
    status_until: user.status_until,
    read_receipts: user.read_receipts,
    show_last_seen: user.show_last_seen,
    last_seen_at: user.last_seen_at,
  };
}

/** A row of `users` as JSON carries it. */
export type StoredUser = Omit<UserRow, "created_at"> & { readonly created_at: string };

/** The row that was read as JSON. */
export function storedUser(user: StoredUser): UserRow {
  return { ...user, created_at: new Date(user.created_at) };
}

/** The avatar that somebody chose: the profile's, else the newest real one given at a join. */
export function chosenAvatar(user: UserRow): string | null {
  return user.avatar_url ?? user.given_avatar_url;
}

/** What somebody says of their moment; nothing once its time is over. */
function statusOf(
  user: UserRow,
  now: number,
): Pick<Profile, "status_emoji" | "status_text" | "status_until"> {
  const { status_emoji, status_text, status_until } = user;
  if (status_emoji === null && status_text === null) return {};
  if (status_until !== null && status_until.getTime() <= now) return {};
  return { status_emoji, status_text, status_until: status_until?.toISOString() ?? null };
}

/** The minute in which a user was last there, for others and while they tell it. */
function lastSeen(user: UserRow, isConnected: boolean, owner: boolean): string | null {
  if (!user.show_last_seen && !owner) return null;
  const at = isConnected ? Date.now() : (user.last_seen_at?.getTime() ?? null);
  return at === null ? null : new Date(Math.floor(at / 60_000) * 60_000).toISOString();
}

/** What lines show of a user. `own` is the message's own picture, which ranks above a placeholder only. */
export function toProfile(user: UserRow): Profile {
  return {
    user_id: user.id,
    username: user.shown_name,
    avatar_url: atBase(chosenAvatar(user) ?? user.placeholder_url),
    avatar_urls: user.avatar_urls && mapUrls(user.avatar_urls, atBase),
    profile_rev: user.profile_rev,
    ...statusOf(user, Date.now()),
  };
}

/** A user as REST answers; the e-mail only for `owner`, a presented session of the user's own. */
export function toUser(user: UserRow, owner: boolean, isConnected = false): User {
  const created = user.created_at.toISOString();
  return {
    id: user.id,
    username: user.username ?? user.shown_name,
    display_name: user.display_name,
    bio: user.bio,
    ...(owner ? { email: user.email } : {}),
    avatar_url: atBase(chosenAvatar(user)),
    avatar_urls: user.avatar_urls && mapUrls(user.avatar_urls, atBase),
    joined_at: created,
    created_at: created,
    account: user.account,
    profile_rev: user.profile_rev,
    ...mapUrls(user.extras, atBase),
    ...statusOf(user, Date.now()),
    last_seen_at: lastSeen(user, isConnected, owner),
    ...(owner ? { read_receipts: user.read_receipts, show_last_seen: user.show_last_seen } : {}),
  };
}
