/**
 * What a first-class client needs: files, what each person has read, and what they say of their moment.
 *
 * Uploads and files. `due_at` is when a file may go: a day after an unfinished or unsent upload was last touched, and a
 * day after its message was deleted, never while a living message names it. The sweep reads the index of that
 * column, and never a message.
 */
export const sql = /* sql */ `
create table secrets (
  name text primary key,
  value text not null
);
insert into secrets (name, value)
  values ('file-keys', replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));

create table files (
  id text primary key,
  room_id text references rooms (id) on delete set null,
  user_id text not null,
  message_id text,
  state text not null default 'uploading' check (state in ('uploading', 'ready')),
  name text not null,
  claimed_type text,
  voice boolean not null default false,
  kind text,
  type text,
  size bigint not null,
  received bigint not null default 0,
  stored_bytes bigint not null,
  width integer,
  height integer,
  duration_ms bigint,
  placeholder text,
  waveform jsonb,
  animated boolean not null default false,
  previews integer[] not null default '{}',
  created_at timestamptz not null default now(),
  due_at timestamptz default now() + interval '1 day'
);
create index files_due on files (due_at) where due_at is not null;
create index files_roomless on files (id) where room_id is null;
create index files_message on files (message_id) where message_id is not null;
create index files_user_day on files (user_id, created_at);
create index files_room on files (room_id);

-- What the files of a message are, by their ids: finished uploads of its author in its room that no message names.
-- Null when one of them is not.
create function settle_attachments(in_room text, in_user text, in_ids jsonb) returns jsonb language sql stable as $body$
  select case when count(*) = count(f.id) then jsonb_agg(jsonb_build_object(
    'id', f.id, 'kind', f.kind, 'name', f.name, 'type', f.type, 'size', f.size, 'width', f.width, 'height', f.height,
    'duration_ms', f.duration_ms, 'placeholder', f.placeholder, 'waveform', f.waveform, 'animated', f.animated,
    'previews', to_jsonb(f.previews)) order by t.ord) end
  from jsonb_array_elements_text(in_ids) with ordinality as t (id, ord)
  left join files f on f.id = t.id and f.state = 'ready' and f.room_id = in_room and f.user_id = in_user
    and f.message_id is null
$body$;

-- As in 0002, with the attachments: a message whose files do not hold is not stored.
create or replace function settle_extra(in_room text, in_user text, in_extra jsonb) returns jsonb language plpgsql stable as $body$
declare
  settled jsonb := in_extra;
  people jsonb;
  held jsonb;
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
  if settled ? 'attachments' then
    held := settle_attachments(in_room, in_user, settled -> 'attachments');
    settled := case when held is null then settled || '{"attachments_invalid": true}'
      else jsonb_set(settled, '{attachments}', held) end;
  end if;
  return nullif(settled, '{}');
end
$body$;

-- The files of these messages are theirs from now on. Of two messages that name a file at once the first has it.
create function claim_files(in_ids text[]) returns void language sql as $body$
  update files f set message_id = c.message_id, due_at = null
  from (
    select distinct on (a ->> 'id') a ->> 'id' as file_id, m.id as message_id
    from messages m cross join lateral jsonb_array_elements(m.extra -> 'attachments') as t (a)
    where m.id = any (in_ids) and m.extra ? 'attachments'
    order by a ->> 'id', m.seq
  ) c
  where f.id = c.file_id and f.message_id is null
$body$;

drop function append_messages(
  text[], text[], text[], text[], text[], text[], text[], text[], timestamptz[], text[]
);

-- As in 0002, with the batch as one JSON text, which costs the server a fraction of ten arrays. in_rooms are its rooms;
-- in_extras the ids of those messages that have an extra, null when none has. It answers only for the first message of
-- each room and for those about which there is more to say: the others were stored and have the numbers that follow on.
create function append_messages(in_rooms text[], in_extras text[], in_batch json)
returns table (ord bigint, message_id text, seq bigint, repeated boolean, extra jsonb) language plpgsql as $body$
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
    select i.ord, m.id, m.seq from input i
    join messages m on m.room_id = i.room_id and m.user_id = i.user_id and m.client_id = i.client_id
  ), fresh as (
    select distinct on (i.room_id, i.user_id, coalesce(i.client_id, ' ' || i.id)) i.*
    from input i join rooms r on r.id = i.room_id
    where not exists (select 1 from known k where k.ord = i.ord)
      and not coalesce(i.extra ? 'attachments_invalid', false)
    order by i.room_id, i.user_id, coalesce(i.client_id, ' ' || i.id), i.ord
  ), numbered as (
    select f.*, r.head_seq + row_number() over places as new_seq, row_number() over places as nth
    from fresh f join rooms r on r.id = f.room_id
    window places as (partition by f.room_id order by f.ord)
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
  where k.id is not null or n.ord is distinct from i.ord or n.nth = 1 or i.extra is not null
  order by i.ord;
  if in_extras is not null then
    perform store_mentions(in_extras);
    perform claim_files(in_extras);
  end if;
end
$body$;

-- Whatever deletes a message shuts its files in the same transaction; their bytes go a day later, so that a backup that
-- began before finds them.
create function release_files() returns trigger language plpgsql as $body$
begin
  update files set due_at = now() + interval '1 day' where message_id = old.id;
  return null;
end
$body$;
create trigger messages_tombstone after update of deleted_at on messages for each row
  when (old.deleted_at is null and new.deleted_at is not null) execute function release_files();
create trigger messages_gone after delete on messages for each row
  when (old.extra ? 'attachments') execute function release_files();

-- Reading. Unread messages are counted from head_seq and read_seq. A member whose left_seq is set has left a room; of a
-- conversation it says up to where its owner hides it.
alter table room_members
  add column level text not null default 'all' check (level in ('all', 'mentions', 'none')),
  add column left_seq bigint,
  add column read_at timestamptz;
-- Nobody's reading of rooms was noted until now: what is there counts as read.
update room_members m set read_seq = r.head_seq from rooms r where r.id = m.room_id and r.kind = 'room';

alter table users
  add column status_emoji text,
  add column status_text text,
  add column status_until timestamptz,
  add column read_receipts boolean not null default true,
  add column show_last_seen boolean not null default true,
  add column last_seen_at timestamptz;
`;
