import type { Query } from "../db/database.js";

/** Pairs of room and user that are kept at most; whoever is beyond them comes back as if from far away. */
const KEPT = 50_000;
/** Seconds after which nobody is expected back: that was no restart. */
const EXPECTED_WITHIN = 60;

/** Who is in which room. */
export type PeopleByRoom = ReadonlyMap<string, Iterable<string>>;

/** Keeps who is connected, for the server that starts next. */
export async function keepPresence(sql: Query, people: PeopleByRoom): Promise<void> {
  const pairs = [...people].flatMap(([roomId, userIds]) =>
    [...userIds].map((userId) => [roomId, userId] as const),
  );
  const kept = pairs.slice(0, KEPT);
  if (kept.length === 0) return;
  await sql`
    insert into former_presence (room_id, user_id)
    select distinct * from unnest(${kept.map(([roomId]) => roomId)}::text[], ${kept.map(([, userId]) => userId)}::text[])
    on conflict (room_id, user_id) do update set left_at = excluded.left_at`;
}

/** Takes what a server that stopped a moment ago kept. */
export async function takePresence(sql: Query): Promise<Map<string, string[]>> {
  const rows = await sql<{ room_id: string; user_id: string; recent: boolean }[]>`
    delete from former_presence
    returning room_id, user_id, left_at > now() - make_interval(secs => ${EXPECTED_WITHIN}) as recent`;
  const people = new Map<string, string[]>();
  for (const { room_id, user_id, recent } of rows) {
    if (!recent) continue;
    const room = people.get(room_id);
    if (room) room.push(user_id);
    else people.set(room_id, [user_id]);
  }
  return people;
}
