/**
 * Storing a batch, with the results of 0003. The plan of its statement is made once and kept; made while the tables were
 * small it read all messages for each batch, until the database happened to look at their size again. Now it can only
 * look up: each message's `client_id` and room by their indexes, and what belongs together in a batch by its place in
 * an order instead of by joins.
 */
export const sql = /* sql */ `
create or replace function append_messages(in_rooms text[], in_extras text[], in_batch json)
returns table (ord bigint, message_id text, seq bigint, repeated boolean, extra jsonb) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $body$
begin
  perform 1 from rooms r where r.id = any (in_rooms) order by r.id for no key update;
  return query
  with input as (
    select t.room_id, t.id, t.client_id, t.user_id, t.username, t.avatar_url, t.content, t.kind, t.created_at, t.ord,
      case when t.extra is null then null else settle_extra(t.room_id, t.user_id, t.extra) end as extra
    from rows from (json_to_recordset(in_batch) as (
      room_id text, id text, client_id text, user_id text, username text, avatar_url text, content text, kind text,
      created_at timestamptz, extra jsonb
    )) with ordinality as t (
      room_id, id, client_id, user_id, username, avatar_url, content, kind, created_at, extra, ord
    )
  ), known as (
    -- What of it was stored before, and whether the rest can be.
    select i.*, m.id as known_id, m.seq as known_seq, r.head_seq,
      m.id is null and r.id is not null and not coalesce(i.extra ? 'attachments_invalid', false) as storable
    from input i
    left join lateral (
      select m.id, m.seq from messages m
      where m.room_id = i.room_id and m.user_id = i.user_id and m.client_id = i.client_id limit 1
    ) m on true
    left join lateral (select r.id, r.head_seq from rooms r where r.id = i.room_id limit 1) r on true
  ), first as (
    -- A message that is in the batch twice is stored once: at its first place.
    select k.*, k.storable and 1 = row_number() over (
      partition by k.room_id, k.user_id, coalesce(k.client_id, ' ' || k.id), k.storable order by k.ord) as fresh
    from known k
  ), numbered as (
    select f.*, count(*) filter (where f.fresh) over (partition by f.room_id order by f.ord) as nth from first f
  ), stored as (
    insert into messages
      (id, room_id, seq, updated_seq, client_id, user_id, username, avatar_url, content, kind, created_at, extra)
    select n.id, n.room_id, n.head_seq + n.nth, n.head_seq + n.nth, n.client_id, n.user_id, n.username, n.avatar_url,
      n.content, n.kind, n.created_at, n.extra
    from numbered n where n.fresh order by n.ord
  ), counted as (
    update rooms r set head_seq = r.head_seq + c.n, message_count = r.message_count + c.n
    from (select n.room_id, count(*) as n from numbered n where n.fresh group by n.room_id) c where r.id = c.room_id
  ), answer as (
    select n.ord, n.fresh, n.nth, n.known_id is not null or not n.fresh as again, n.extra,
      coalesce(n.known_id, max(n.id) filter (where n.fresh) over same) as id,
      coalesce(n.known_seq, max(n.head_seq + n.nth) filter (where n.fresh) over same) as number
    from numbered n
    window same as (partition by n.room_id, n.user_id, coalesce(n.client_id, ' ' || n.id))
  )
  select a.ord, a.id, a.number, a.again, a.extra from answer a
  where a.again or a.nth = 1 or a.extra is not null
  order by a.ord;
  if in_extras is not null then
    perform store_mentions(in_extras);
    perform claim_files(in_extras);
  end if;
end
$body$;
`;
