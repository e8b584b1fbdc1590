import type { Profile } from "@parlor/protocol";
import { createLookup } from "../batcher.js";
import type { Query } from "../db/database.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import * as store from "./store.js";

/** Profiles of one room that are read for several askers, at most; who lacks more than they bring is asked for alone. */
const SHARED = 2_000;

/** Those who ask for one room, and what is read for them. */
interface Group {
  readonly askers: readonly store.ChangedProfilesQuery[];
  readonly query: store.ChangedProfilesQuery;
}

/**
 * Makes the reading of changed profiles. People who met in a room and come back to it together lack nearly the same of
 * it: what is asked at one time is read once for each room, and all of it in one query.
 */
export function createProfileReading({ sql, users }: { sql: Query; users: Pick<UsersService, "rows"> }) {
  async function read(queries: readonly store.ChangedProfilesQuery[]): Promise<Profile[][]> {
    const members = await store.membersChangedAfter(sql, queries);
    const rows = await users.rows(new Set(members.flat().map(({ id }) => id)));
    return members.map((found) =>
      found
        .flatMap(({ id, rev }) => {
          const row = rows.get(id);
          // One that changed since it was looked for keeps the place in which it was found: whoever goes on after the
          // page's last would pass by those between. It comes again in its new place.
          return row ? [{ ...toProfile(row), profile_rev: Math.min(row.profile_rev, rev) }] : [];
        })
        .sort((a, b) => a.profile_rev - b.profile_rev),
    );
  }

  return createLookup(async (asked: readonly store.ChangedProfilesQuery[]) => {
    const groups = groupByRoom(asked);
    const shared = await read(groups.map(({ query }) => query));
    const answers = new Map<store.ChangedProfilesQuery, Profile[]>();
    const rest: store.ChangedProfilesQuery[] = [];
    for (const [index, { askers, query }] of groups.entries()) {
      const profiles = shared[index] ?? [];
      for (const asker of askers) {
        const from = profiles.findIndex(({ profile_rev }) => profile_rev > asker.after);
        const found = from < 0 ? [] : profiles.slice(from, from + asker.limit);
        if (profiles.length < query.limit || found.length === asker.limit) answers.set(asker, found);
        else rest.push(asker);
      }
    }
    const alone = rest.length > 0 ? await read(rest) : [];
    for (const [index, asker] of rest.entries()) answers.set(asker, alone[index] ?? []);
    return answers;
  });
}

function groupByRoom(asked: readonly store.ChangedProfilesQuery[]): Group[] {
  const byRoom = new Map<string, store.ChangedProfilesQuery[]>();
  for (const asker of asked) {
    const key = `${asker.changedOnly} ${asker.roomId}`;
    const same = byRoom.get(key);
    if (same) same.push(asker);
    else byRoom.set(key, [asker]);
  }
  return [...byRoom.values()].map((askers) => {
    const [first] = askers;
    const { roomId = "", changedOnly = false, limit = 0 } = first ?? {};
    const after = Math.min(...askers.map((asker) => asker.after));
    return { askers, query: { roomId, changedOnly, after, limit: askers.length === 1 ? limit : SHARED } };
  });
}
