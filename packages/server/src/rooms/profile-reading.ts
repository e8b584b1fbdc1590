import type { Profile } from "@parlor/protocol";
import { createLookup } from "../batcher.js";
import type { Query } from "../db/database.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import * as store from "./store.js";

/** Profiles of one room that are read for several askers, at most; who lacks more than they bring is asked for alone. */
const SHARED = 2_000;

/** Which profiles of a room are asked for: the first of those that changed after a revision. */
interface Question {
  readonly roomId: string;
  readonly after: number;
  readonly limit: number;
}

/**
 * Makes the reading of changed profiles. People who met in a room and come back to it together lack nearly the same of
 * it: what is asked at one time is read once for each room.
 */
export function createProfileReading({ sql, users }: { sql: Query; users: UsersService }) {
  async function read({ roomId, after, limit }: Question): Promise<Profile[]> {
    const rows = await users.rows(await store.memberIdsChangedAfter(sql, roomId, after, limit));
    return [...rows.values()].map(toProfile).sort((a, b) => a.profile_rev - b.profile_rev);
  }

  async function readRoom(roomId: string, questions: readonly Question[]): Promise<[Question, Profile[]][]> {
    const [only] = questions;
    if (only && questions.length === 1) return [[only, await read(only)]];
    const first = Math.min(...questions.map(({ after }) => after));
    const shared = await read({ roomId, after: first, limit: SHARED });
    return await Promise.all(
      questions.map(async (question): Promise<[Question, Profile[]]> => {
        const from = shared.findIndex(({ profile_rev }) => profile_rev > question.after);
        const found = from < 0 ? [] : shared.slice(from, from + question.limit);
        const isWhole = shared.length < SHARED || found.length === question.limit;
        return [question, isWhole ? found : await read(question)];
      }),
    );
  }

  return createLookup(async (questions: readonly Question[]) => {
    const byRoom = new Map<string, Question[]>();
    for (const question of questions) {
      const same = byRoom.get(question.roomId);
      if (same) same.push(question);
      else byRoom.set(question.roomId, [question]);
    }
    const answers = await Promise.all([...byRoom].map(([roomId, asked]) => readRoom(roomId, asked)));
    return new Map(answers.flat());
  });
}
