import type { Query } from "../db/database.js";

/** In PostgreSQL's words: the shared part of the name of an avatar's file, wherever an address mentions it. */
const STEM = "/avatars/([0-9a-f]{32})-";

/** Stems of all files that profiles refer to. */
export async function stemsOfUsers(sql: Query): Promise<Set<string>> {
  const rows = await sql<{ stem: string }[]>`
    select distinct found[1] as stem
    from users
    cross join lateral (
      select concat_ws(' ', avatar_url, avatar_urls::text, given_avatar_url, placeholder_url, extras::text) as said
    ) as texts
    cross join lateral regexp_matches(said, ${STEM}, 'g') as found
    where said like '%/avatars/%'`;
  return new Set(rows.map((row) => row.stem));
}

/** Those of the given stems that messages or rooms refer to. The copies in `room_members` are shown to nobody. */
export async function stemsElsewhere(sql: Query, stems: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ stem: string }[]>`
    with texts (said) as (
      select avatar_url from messages where avatar_url like '%/avatars/%'
      union all
      select host::text from rooms where host is not null
      union all
      select thumbnail_url from rooms where octet_length(thumbnail_url) <= 2000
    )
    select distinct found[1] as stem
    from texts cross join lateral regexp_matches(said, ${STEM}, 'g') as found
    where found[1] = any (${stems as string[]})`;
  return new Set(rows.map((row) => row.stem));
}
