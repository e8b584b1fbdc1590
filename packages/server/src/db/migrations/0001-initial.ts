/**
 * The first shape of Parlor's tables. Ids are text because clients of the seeds make their own. `seq` and
 * `updated_seq` count per room (docs/MESSAGE.md); `profile_rev` counts over all users, under the lock of one row.
 */
export const sql = /* sql */ `
create table instance (
  id text primary key,
  created_at timestamptz not null default now()
);
insert into instance (id) values (substr(md5(gen_random_uuid()::text), 1, 8));

create table counters (
  name text primary key,
  value bigint not null
);
insert into counters (name, value) values ('profile_rev', 0);

create table users (
  id text primary key,
  username varchar(200),
  display_name varchar(200),
  username_key text,
  shown_name text not null,
  shown_key text not null,
  bio text,
  email text,
  email_verified boolean not null default false,
  avatar_url text,
  avatar_urls jsonb,
  given_avatar_url text,
  placeholder_url text,
  extras jsonb not null default '{}',
  password_hash text,
  account boolean not null default false,
  held boolean not null default false,
  profile_rev bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_account_username on users (username_key) where account;
create index users_username_key on users (username_key);
create index users_shown_key on users (shown_key);
create index users_email on users (lower(email)) where account;
create index users_created on users (created_at desc, id desc);

create table devices (
  id text primary key,
  rotation integer not null default 0,
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index devices_expiry on devices (expires_at);
create table device_secrets (
  secret_hash text primary key,
  device_id text not null references devices (id) on delete cascade
);
create index device_secrets_device on device_secrets (device_id);
create table device_users (
  device_id text not null references devices (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  primary key (device_id, user_id)
);
create index device_users_user on device_users (user_id);
create table tokens (
  token_hash text primary key,
  user_id text not null references users (id) on delete cascade,
  device_id text not null references devices (id) on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index tokens_user on tokens (user_id);
create index tokens_device on tokens (device_id);
create table magic_links (
  token_hash text primary key,
  email text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index magic_links_expiry on magic_links (expires_at);

create table rooms (
  id text primary key,
  kind text not null default 'room',
  name varchar(200) not null,
  thumbnail_url text,
  category text,
  description text,
  tags jsonb not null default '[]',
  privacy text not null default 'public',
  max_members integer,
  password_hash text,
  created_by text,
  host jsonb,
  epoch text not null default replace(gen_random_uuid()::text, '-', ''),
  head_seq bigint not null default 0,
  message_count bigint not null default 0,
  member_count bigint not null default 0,
  created_at timestamptz not null default now()
) with (fillfactor = 80);
create index rooms_created on rooms (created_at desc, id desc) where kind = 'room';

create table device_grants (
  device_id text not null references devices (id) on delete cascade,
  room_id text not null references rooms (id) on delete cascade,
  primary key (device_id, room_id)
);
create table user_grants (
  user_id text not null references users (id) on delete cascade,
  room_id text not null references rooms (id) on delete cascade,
  primary key (user_id, room_id)
);

create table room_members (
  room_id text not null references rooms (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  username text not null,
  avatar_url text,
  read_seq bigint not null default 0,
  banned_at timestamptz,
  joined_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
create index room_members_user on room_members (user_id);
create index room_members_newest on room_members (room_id, joined_at desc);

create table messages (
  id text primary key,
  room_id text not null references rooms (id) on delete cascade,
  seq bigint not null,
  updated_seq bigint not null,
  client_id text,
  user_id text not null,
  username text not null,
  avatar_url text,
  content text not null,
  kind text,
  reactions jsonb,
  edited_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null
);
create unique index messages_room_seq on messages (room_id, seq);
create index messages_room_updated on messages (room_id, updated_seq);
create unique index messages_client_id on messages (room_id, user_id, client_id) where client_id is not null;

create table reactions (
  message_id text not null references messages (id) on delete cascade,
  emoji text not null,
  user_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (message_id, emoji, user_id)
);

-- Stores a batch of messages of any rooms in one round trip. Each statement of a volatile function has a snapshot of
-- its own, so the rows read after the lock are those of the lock (docs/MESSAGE.md, "One committer").
create function append_messages(
  in_rooms text[], in_ids text[], in_clients text[], in_users text[], in_names text[], in_avatars text[],
  in_contents text[], in_kinds text[], in_times timestamptz[]
) returns table (ord bigint, message_id text, seq bigint, repeated boolean) language plpgsql as $body$
begin
  perform 1 from rooms r where r.id = any (in_rooms) order by r.id for no key update;
  return query
  with input as (
    select * from unnest(in_rooms, in_ids, in_clients, in_users, in_names, in_avatars, in_contents, in_kinds, in_times)
      with ordinality as t (room_id, id, client_id, user_id, username, avatar_url, content, kind, created_at, ord)
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
    insert into messages (id, room_id, seq, updated_seq, client_id, user_id, username, avatar_url, content, kind, created_at)
    select n.id, n.room_id, n.new_seq, n.new_seq, n.client_id, n.user_id, n.username, n.avatar_url, n.content, n.kind,
      n.created_at
    from numbered n
  ), counted as (
    update rooms r set head_seq = r.head_seq + c.n, message_count = r.message_count + c.n
    from (select room_id, count(*) as n from numbered group by room_id) c where r.id = c.room_id
  )
  select i.ord, coalesce(k.id, n.id), coalesce(k.seq, n.new_seq),
    k.id is not null or n.ord is distinct from i.ord
  from input i
  left join known k on k.ord = i.ord
  left join numbered n on n.room_id = i.room_id and n.user_id = i.user_id
    and coalesce(n.client_id, ' ' || n.id) = coalesce(i.client_id, ' ' || i.id)
  order by i.ord;
end
$body$;
`;
