import {
  type Message,
  type PresenceDigest,
  type Profile,
  presenceHash,
  type ServerFrame,
  type ServerFrameOf,
} from "@parlor/protocol";
import type { Api } from "./api.js";
import type { Clock } from "./clock.js";
import {
  fetchProfiles,
  newestRev,
  type ProfileGap,
  pageProfiles,
  profileGap,
  profileOfAuthor,
} from "./profiles.js";

/** While there is no socket, changed names and pictures are asked for with a poll, this often at most. */
const ASK_EVERY = 10_000;

/** Keeps what is known of the people of a room true: names, pictures, who is here. */
export interface People {
  /** The newest page was read. */
  paged(messages: readonly Message[]): void;
  /** What was kept on an earlier visit is shown, with the revision up to which it knew all. */
  restored(profiles: readonly Profile[], profilesAfter: number | null): void;
  /** A socket begins: what its `welcome` leaves out is asked for. */
  welcomed(frame: ServerFrameOf<"welcome">): void;
  /** Notes a live frame. A heartbeat shows whether one about people was lost on the way. */
  receive(frame: ServerFrame): void;
  /** A poll was answered: it tells only of messages. */
  polled(): void;
  /** The `profile_rev` up to which all profiles are known; `null` before the first `welcome`. */
  readonly profilesAfter: number | null;
  /** Who is believed to be here, in two numbers, for a handshake. */
  claim(): PresenceDigest;
  /** The list that the last handshake told of: a `welcome` without one says that it is right. */
  readonly claimed: readonly string[];
}

/** Makes it for one room. */
export function createPeople(options: {
  readonly api: Api;
  readonly roomId: string;
  readonly clock: Clock;
  /** Rows of the newest page. */
  readonly limit: number;
  readonly request: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readonly profiles: () => ReadonlyMap<string, Profile>;
  readonly online: () => readonly string[];
  readonly onProfiles: (profiles: readonly Profile[]) => void;
  /** Who is here is not what is shown, and only a new connection tells. */
  readonly onPresenceLost: () => void;
}): People {
  const { api, roomId, clock, limit, request, profiles, online, onProfiles, onPresenceLost } = options;
  let after: number | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** Revisions are committed in their order: whoever the newest page shows is known as of its newest one. */
  let pageRev = 0;
  /** Frames with profiles that the server sent on this room, by our count; `null` where it does not count them. */
  let told: number | null = null;
  /** Thousands of names are not counted again at each try of a connection. */
  let digest: PresenceDigest & { readonly of: readonly string[] } = { of: [], count: 0, hash: 0 };
  /** The list that the last handshake told of. */
  let claimed: readonly string[] = [];
  /** People who are shown without a profile of the server. */
  const unknown = new Set<string>();
  /** What the last `welcome` left out and did not come yet, with the revision that is known when it has. */
  let missing: { readonly gap: Omit<ProfileGap, "unknown">; readonly rev: number } | null = null;
  let isFilling = false;
  let isAsking = false;
  /** A list that differs again on a new connection is not lost, and no third connection would mend it. */
  let isPresenceTrusted = true;

  async function ask(): Promise<void> {
    const from = after ?? pageRev;
    const found = await request((signal) => pageProfiles(api, roomId, from, signal));
    after = Math.max(after ?? from, newestRev(found));
    onProfiles(found);
  }

  /** Asks for what is missing. What does not come is asked for again with the next heartbeat. */
  function fill(): void {
    if (isFilling || (!missing && unknown.size === 0)) return;
    isFilling = true;
    const [asked, ids] = [missing, [...unknown]];
    const gap = { page: false, after: null, ...asked?.gap, unknown: ids };
    request((signal) => fetchProfiles({ api, roomId, gap, limit, signal }))
      .then(
        (found) => {
          for (const id of ids) unknown.delete(id);
          if (asked && asked === missing) {
            missing = null;
            after = asked.rev;
          }
          onProfiles(found);
        },
        () => {},
      )
      .finally(() => {
        isFilling = false;
        // A connection that began meanwhile left out something else.
        if (missing !== asked) fill();
      });
  }

  function checkProfiles(count: number): void {
    if (told === null || count === told || isAsking) return;
    const lost = count - told;
    isAsking = true;
    ask()
      .then(
        () => {
          if (told !== null) told += lost;
        },
        // The next heartbeat asks again.
        () => {},
      )
      .finally(() => {
        isAsking = false;
      });
  }

  function digestHere() {
    const of = online();
    if (digest.of !== of) digest = { of, count: of.length, hash: presenceHash(of) };
    return digest;
  }

  function checkPresence(count: number, hash: number): void {
    const here = digestHere();
    const isSame = here.count === count && here.hash === hash;
    const isLost = !isSame && isPresenceTrusted;
    isPresenceTrusted = isSame;
    if (isLost) onPresenceLost();
  }

  return {
    get profilesAfter() {
      return after;
    },
    claim() {
      const here = digestHere();
      claimed = here.of;
      return here;
    },
    get claimed() {
      return claimed;
    },
    paged(messages) {
      pageRev = newestRev(messages.map(profileOfAuthor));
    },
    restored(kept, profilesAfter) {
      after = profilesAfter;
      pageRev = newestRev(kept);
    },
    welcomed(frame) {
      told = frame.profiles_told ?? null;
      const gap = profileGap(frame, after, profiles(), frame.online ?? [...unknown]);
      unknown.clear();
      for (const id of gap?.unknown ?? []) unknown.add(id);
      missing = gap && { gap, rev: frame.profiles_rev };
      if (gap) fill();
      else after = frame.profiles_rev;
    },
    receive(frame) {
      if (frame.type === "profile_updated" || frame.type === "avatar_updated") {
        if (told !== null) told += 1;
      } else if (frame.type === "user_joined" || frame.type === "presence") {
        const came = frame.type === "presence" ? frame.joined : [frame];
        for (const { user_id, profile_rev } of came) if (!profile_rev) unknown.add(user_id);
        for (const id of frame.type === "presence" ? frame.left : []) unknown.delete(id);
      } else if (frame.type === "user_left") {
        unknown.delete(frame.user_id);
      } else if (frame.type === "heartbeat") {
        fill();
        if (frame.profiles_told !== undefined) checkProfiles(frame.profiles_told);
        if (frame.online !== undefined && frame.online_hash !== undefined)
          checkPresence(frame.online, frame.online_hash);
      }
    },
    polled() {
      if (Math.abs(clock.now() - askedAt) < ASK_EVERY) return;
      askedAt = clock.now();
      // The next poll asks again.
      ask().catch(() => {});
    },
  };
}
