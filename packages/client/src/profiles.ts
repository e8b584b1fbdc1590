import { LIMITS, type Message, type Profile, type ServerFrameOf } from "@parlor/protocol";
import type { Api } from "./api.js";

/** What a message tells of its author. */
export function profileOfAuthor(message: Message): Profile {
  const { user_id, username, avatar_url, profile_rev } = message;
  return { user_id, username, avatar_url, avatar_urls: null, profile_rev };
}

/** The map with what is newer, by `profile_rev`; of one revision the form that knows the sizes wins. */
export function mergeProfiles(
  known: ReadonlyMap<string, Profile>,
  news: readonly Profile[],
): ReadonlyMap<string, Profile> {
  let merged: Map<string, Profile> | null = null;
  for (const profile of news) {
    const before = (merged ?? known).get(profile.user_id);
    if (!isNews(profile, before)) continue;
    merged ??= new Map(known);
    merged.set(profile.user_id, profile);
  }
  return merged ?? known;
}

/** Whether a profile is not known in this form or a newer one. */
export function isNews(
  profile: Pick<Profile, "profile_rev"> & Partial<Profile>,
  before: Profile | undefined,
): boolean {
  if (!before) return true;
  if (profile.profile_rev !== before.profile_rev) return profile.profile_rev > before.profile_rev;
  return before.avatar_urls === null && Boolean(profile.avatar_urls);
}

/** What a `welcome` leaves out of the profiles that a screen may show. */
export interface ProfileGap {
  /** Whether authors of the newest page may have changed. */
  readonly page: boolean;
  /** The revision after which the room's changed profiles are asked for; `null` for no such question. */
  readonly after: number | null;
  /** Those who are here and not known. */
  readonly unknown: readonly string[];
}

/** What is to be asked after a `welcome` whose profiles are `known` by now; `null` when nothing is. */
export function profileGap(
  welcome: ServerFrameOf<"welcome">,
  /** The `profiles_after` of the connection; `null` on the first one. */
  after: number | null,
  known: ReadonlyMap<string, Profile>,
  /** Ids of those who are here. */
  online: readonly string[],
): ProfileGap | null {
  const page = after === null && welcome.profiles_rev > newestRev(known.values());
  // Who was shown before the server knew the profile has no revision.
  const unknown = online.filter((id) => !known.get(id)?.profile_rev);
  let next: number | null = null;
  // It tells of those that changed first, in the order of their revisions; not of those that were made since.
  if (after !== null && welcome.more_profiles) next = Math.max(after, newestRev(welcome.profiles));
  else if (after !== null && unknown.length > LIMITS.profileIds) next = after;
  return page || next !== null || unknown.length > 0 ? { page, after: next, unknown } : null;
}

/** Profiles that a `welcome` leaves out: what a screen may show must be known in its newest form. */
export async function fetchProfiles(options: {
  readonly api: Api;
  readonly roomId: string;
  readonly gap: ProfileGap;
  /** Rows of the newest page. */
  readonly limit: number;
  readonly signal: AbortSignal;
}): Promise<Profile[]> {
  const { api, roomId, gap, limit, signal } = options;
  const found: Profile[] = [];
  if (gap.page) {
    // Authors who are not connected may have changed between the first page and the welcome. The page again is
    // cheaper than the profiles of all members, and a browser's cache makes it an empty answer.
    const page = await api.fetchMessages(roomId, { limit }, signal);
    found.push(...page.messages.map(profileOfAuthor));
  } else if (gap.after !== null) {
    found.push(...(await pageProfiles(api, roomId, gap.after, signal)));
  }
  const known = new Set(found.map(({ user_id }) => user_id));
  const unknown = gap.unknown.filter((id) => !known.has(id));
  // Above so many the room's whole list is read instead.
  if (unknown.length > LIMITS.profileIds) return [...found, ...(await pageProfiles(api, roomId, 0, signal))];
  if (unknown.length === 0) return found;
  const query = { ids: unknown.join(",") };
  return [...found, ...(await api.call("listProfiles", { params: { room_id: roomId }, query, signal }))];
}

/** The room's profiles that changed after a revision. */
export async function pageProfiles(
  api: Api,
  roomId: string,
  after: number,
  signal: AbortSignal,
): Promise<Profile[]> {
  const limit = LIMITS.profilesPage;
  const found: Profile[] = [];
  for (let next = after; ; ) {
    const page = await api.call("listProfiles", {
      params: { room_id: roomId },
      query: { after: next, limit },
      signal,
    });
    found.push(...page);
    const last = page.at(-1)?.profile_rev ?? next;
    if (page.length < limit || last <= next) return found;
    next = last;
  }
}

/** The newest revision among profiles. */
export function newestRev(profiles: Iterable<Profile>): number {
  let newest = 0;
  for (const { profile_rev } of profiles) newest = Math.max(newest, profile_rev);
  return newest;
}
