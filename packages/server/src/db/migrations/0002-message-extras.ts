/**
 * What few messages have (`messages/extra.ts`): one column that is null for plain ones, so that storing those costs as
 * before. `mentions` has a row for each person mentioned, and one of the user '' for a mention of the whole room.
 */
export const sql = /* sql */ `
alter table messages add column extra jsonb;
create index messages_pinned on messages (room_id, (extra ->> 'pinned_at')) where extra ? 'pinned_at';

create table mentions (
  room_id text not null references rooms (id) on delete cascade,
  user_id text not null,
  seq bigint not null,
  message_id text not null,
  created_at timestamptz not null,
  primary key (room_id, user_id, seq)
);
create index mentions_user on mentions (user_id, created_at desc, message_id desc) where user_id <> '';
create index mentions_everybody on mentions (room_id, created_at desc, message_id desc) where user_id = '';

create table message_edits (
  message_id text not null references messages (id) on delete cascade,
  updated_seq bigint not null,
  content text not null,
  written_at timestamptz not null,
  replaced_at timestamptz not null,
  primary key (message_id, updated_seq)
);

-- What of a message's extra holds in its room: an original of the room, people who are or were members, and a mention
-- of everybody by a host. The rest is left out; an empty one is null.
create function settle_extra(in_room text, in_user text, in_extra jsonb) returns jsonb language plpgsql stable as $body$
declare
  settled jsonb := in_extra;
  people jsonb;
begin
  if settled ? 'reply_to'
    and not exists (select 1 from messages m where m.id = settled ->> 'reply_to' and m.room_id = in_room) then
    settled := settled - 'reply_to';
  end if;
  if settled ? 'mentions' then
    select jsonb_agg(t.id order by t.ord) into people
    from jsonb_array_elements_text(settled -> 'mentions') with ordinality as t (id, ord)
    join room_members p on p.room_id = in_room and p.user_id = t.id;
    settled := case when people is null then settled - 'mentions' else jsonb_set(settled, '{mentions}', people) end;
  end if;
  if settled ? 'mentions_room'
    and not exists (select 1 from rooms r where r.id = in_room and in_user in (r.created_by, r.host ->> 'id')) then
    settled := settled - 'mentions_room';
  end if;
  return nullif(settled, '{}');
end
$body$;

-- Keeps the mentions of these messages where they can be found; nobody is told of their own.
create function store_mentions(in_ids text[]) returns void language sql as $body$
  insert into mentions (room_id, user_id, seq, message_id, created_at)
  select m.room_id, t.id, m.seq, m.id, m.created_at from messages m
  cross join lateral jsonb_array_elements_text(m.extra -> 'mentions') as t (id)
  where m.id = any (in_ids) and m.extra ? 'mentions' and t.id <> m.user_id
  union all
  select m.room_id, '', m.seq, m.id, m.created_at from messages m
  where m.id = any (in_ids) and m.extra ? 'mentions_room'
  on conflict do nothing
$body$;

drop function append_messages(text[], text[], text[], text[], text[], text[], text[], text[], timestamptz[]);

-- As in 0001, with the messages' extras; without any, in_extras is null.
create function append_messages(
  in_rooms text[], in_ids text[], in_clients text[], in_users text[], in_names text[], in_avatars text[],
  in_contents text[], in_kinds text[], in_times timestamptz[], in_extras text[]
) returns table (ord bigint, message_id text, seq bigint, repeated boolean, extra jsonb) language plpgsql as $body$
begin
  perform 1 from rooms r where r.id = any (in_rooms) order by r.id for no key update;
  return query
  with input as (
    select t.room_id, t.id, t.client_id, t.user_id, t.username, t.avatar_url, t.content, t.kind, t.created_at, t.ord,
      case when t.extra is null then null else settle_extra(t.room_id, t.user_id, t.extra::jsonb) end as extra
    from unnest(
      in_rooms, in_ids, in_clients, in_users, in_names, in_avatars, in_contents, in_kinds, in_times, in_extras
    ) with ordinality as t (room_id, id, client_id, user_id, username, avatar_url, content, kind, created_at, extra, ord)
  ), known as (
    select i.ord, m.id, m.seq from input i
    join messages m on m.room_id = i.room_id and m.user_id = i.user_id and m.client_id = i.client_id
  ), fresh as (
    select distinct on (i.room_id, i.user_id, coalesce(i.client_id, ' ' || i.id)) i.*
    from input i join rooms r on r.id = i.room_id
    where not exists (select 1 from known k where k.ord = i.ord)
    order by i.room_id, i.user_id, coalesce(i.client_id, ' ' || i.id), i.ord
  ), numbered as (
    select f.*, r.head_seq + row_number() over (partition by f.room_id order by f.ord) as new_seq
    from fresh f join rooms r on r.id = f.room_id
  ), stored as (
    insert into messages
      (id, room_id, seq, updated_seq, client_id, user_id, username, avatar_url, content, kind, created_at, extra)
    select n.id, n.room_id, n.new_seq, n.new_seq, n.client_id, n.user_id, n.username, n.avatar_url, n.content, n.kind,
      n.created_at, n.extra
    from numbered n
  ), counted as (
    update rooms r set head_seq = r.head_seq + c.n, message_count = r.message_count + c.n
    from (select room_id, count(*) as n from numbered group by room_id) c where r.id = c.room_id
  )
  select i.ord, coalesce(k.id, n.id), coalesce(k.seq, n.new_seq),
    k.id is not null or n.ord is distinct from i.ord, i.extra
  from input i
  left join known k on k.ord = i.ord
  left join numbered n on n.room_id = i.room_id and n.user_id = i.user_id
    and coalesce(n.client_id, ' ' || n.id) = coalesce(i.client_id, ' ' || i.id)
  order by i.ord;
  if in_extras is not null then
    perform store_mentions(in_ids);
  end if;
end
$body$;
`;
