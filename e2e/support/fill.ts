import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import type { Parlor } from "./parlor.js";

/**
 * Puts many messages behind those of a room, straight into the database, since the server takes only so many a second:
 * short and long ones, right to left, code, lists, quotes, copies of the room's pictures (each under an address of
 * its own), by three people, one every 40 seconds. Answers the number of the newest one.
 */
export async function fillRoom(parlor: Parlor, roomId: string, count: number): Promise<number> {
  const sql = await connect(parlor);
  try {
    // What is there is older than all of it.
    await sql`update messages set created_at = created_at - ${count} * interval '40 seconds' where room_id = ${roomId}`;
    await sql`
      with pictures as (
        select array_agg(file) as files from messages cross join jsonb_array_elements(extra -> 'attachments') as t (file)
        where room_id = ${roomId} and extra ? 'attachments'
      ), author as (
        select user_id, username from messages where room_id = ${roomId} order by seq limit 1
      )
      insert into messages (id, room_id, seq, updated_seq, user_id, username, content, created_at, extra)
      select
        ${roomId} || '-' || n, r.id, r.head_seq + n, r.head_seq + n,
        case n / 3 % 3 when 0 then a.user_id else 'filler-' || n / 3 % 3 end,
        case n / 3 % 3 when 0 then a.username else 'Filler ' || n / 3 % 3 end,
        case n % 9
          when 0 then 'line ' || n
          when 1 then 'line ' || n || ' ' || repeat('goes on and on ', 12 + n % 40)
          when 2 then 'שורה ' || n || ' עם טקסט מימין לשמאל'
          when 3 then '\`\`\`ts' || chr(10) || 'const n = ' || n || ';' || chr(10) || 'return n * 2;' || chr(10) || '\`\`\`'
          when 4 then '- one of ' || n || chr(10) || '- two' || chr(10) || '- **three**'
          when 5 then '> quoted ' || n || chr(10) || 'and answered'
          when 6 then 'ok'
          when 7 then case when p.files is null then 'no picture ' || n else '' end
          else repeat('word ', 1 + n % 300)
        end,
        now() - (${count} - n) * interval '40 seconds',
        case when n % 9 = 7 and p.files is not null then jsonb_build_object('attachments', jsonb_build_array(
          p.files[1 + n % array_length(p.files, 1)] || jsonb_build_object('name', 'picture-' || n || '.png'))) end
      from generate_series(1, ${count}::int) as n
      cross join author a left join pictures p on true join rooms r on r.id = ${roomId}`;
    const [room] = await sql<{ head_seq: string }[]>`
      update rooms set head_seq = head_seq + ${count}, message_count = message_count + ${count}
      where id = ${roomId} returning head_seq`;
    return Number(room?.head_seq);
  } finally {
    await sql.end();
  }
}

/** Connects to the embedded database of a running server; its folder says where that listens. */
async function connect({ dataDir }: Parlor): Promise<postgres.Sql> {
  const lines = (await readFile(join(dataDir, "postgres", "postmaster.pid"), "utf8")).split("\n");
  const [port, socketFolder] = [lines[3], lines[4]?.trim()];
  return postgres({
    path: `${socketFolder}/.s.PGSQL.${port}`,
    user: "parlor",
    database: "parlor",
    max: 1,
    connection: { search_path: "parlor" },
    onnotice: () => {},
  });
}
