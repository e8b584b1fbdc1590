/** Letters with another form below them, by arithmetic of their code points: Greek, Cyrillic, Armenian, Georgian. */
function pairs(): readonly [upper: string, lower: string] {
  const upper: number[] = [];
  const lower: number[] = [];
  const shift = (first: number, last: number, by: number, step = 1) => {
    for (let code = first; code <= last; code += step) {
      upper.push(code);
      lower.push(code + by);
    }
  };
  shift(0x391, 0x3a1, 32);
  shift(0x3a3, 0x3a9, 32);
  shift(0x410, 0x42f, 32);
  shift(0x400, 0x40f, 80);
  shift(0x460, 0x480, 1, 2);
  shift(0x48a, 0x4be, 1, 2);
  shift(0x4d0, 0x52e, 1, 2);
  shift(0x531, 0x556, 48);
  shift(0x1c90, 0x1cba, -3008);
  const odd = {
    ς: "σ",
    ø: "o",
    Ø: "o",
    ł: "l",
    Ł: "l",
    đ: "d",
    Đ: "d",
    ð: "d",
    Ð: "d",
    ħ: "h",
    Ħ: "h",
    ı: "i",
  };
  const from = String.fromCodePoint(...upper) + Object.keys(odd).join("");
  return [from, String.fromCodePoint(...lower) + Object.values(odd).join("")];
}

const [upper, lower] = pairs();

/**
 * Full-text search. Words are folded by rules of our own (`messages/search/fold.ts` has them for the highlights), since
 * the database's locale and extensions are the operator's: without case, accents and width, punctuation as white space,
 * and letters of scripts that put no space between words one by one.
 *
 * `search_docs` is filled behind the commits, room by room along the change log, so that storing a message costs
 * nothing more. A document's vector has, beside its words, its room (\x01), its author (\x02) and the small (\x03, 2,048
 * numbers) and large (\x04, 64 small ones) bucket, by its number over all and by the message's in its room: one index
 * answers "these words, in these rooms, among the newest".
 */
export const sql = /* sql */ `
create sequence search_numbers;
create table search_docs (
  message_id text primary key references messages (id) on delete cascade,
  version timestamptz not null,
  created_at timestamptz not null,
  words tsvector not null
);
create index search_docs_words on search_docs using gin (words) with (fastupdate = on, gin_pending_list_limit = 1024);
create table search_cursors (
  room_id text primary key references rooms (id) on delete cascade,
  indexed_seq bigint not null
);

create function search_fold(content text) returns text language sql immutable parallel safe as $body$
  select regexp_replace(
    regexp_replace(
      replace(replace(replace(replace(replace(replace(
        translate(lower(normalize(regexp_replace(normalize(left(content, 20000), NFKD),
          '[\\u0300-\\u036f\\u0591-\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670]', '', 'g'), NFKC) collate "C"),
          '${upper}', '${lower}'),
        'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'),
      '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u2000-\\u206f\\u2190-\\u22ff\\u3000-\\u3004\\u3008-\\u303f]+', ' ', 'g'),
    '([\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u2e80-\\u2fdf\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff\\u3400-\\u9fff\\uf900-\\ufaff\\U00020000-\\U0003ffff])',
    ' \\1 ', 'g')
$body$;

-- Indexes what changed in a room since the last time, at most in_limit messages of it; answers how many were looked at.
-- A reaction or a pin changes no text and costs no index. A plan that was made while the tables were small must not
-- read them whole when they are large.
create function index_messages(in_room text, in_limit integer) returns integer language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $body$
declare
  first bigint;
  last bigint;
  ids text[];
begin
  insert into search_cursors (room_id, indexed_seq) select id, 0 from rooms where id = in_room on conflict do nothing;
  select c.indexed_seq into first from search_cursors c where c.room_id = in_room for update;
  select array_agg(x.id order by x.updated_seq), max(x.updated_seq) into ids, last from (
    select m.id, m.updated_seq from messages m where m.room_id = in_room and m.updated_seq > first
    order by m.updated_seq limit in_limit) x;
  if ids is null then return 0; end if;
  delete from search_docs d using messages m
  where d.message_id = any (ids) and m.id = d.message_id
    and (m.deleted_at is not null or d.version <> coalesce(m.edited_at, m.created_at));
  insert into search_docs (message_id, version, created_at, words)
  select n.id, n.version, n.created_at, to_tsvector('pg_catalog.simple', search_fold(n.content)) || array_to_tsvector(
    array[E'\\x01' || n.room_id, E'\\x02' || n.user_id, E'\\x03' || (n.number >> 11), E'\\x04' || (n.number >> 17),
      E'\\x03' || n.room_id || ' ' || (n.seq >> 11), E'\\x04' || n.room_id || ' ' || (n.seq >> 17)])
  from (
    select m.*, coalesce(m.edited_at, m.created_at) as version, nextval('search_numbers') as number
    from unnest(ids) with ordinality as t (id, place) join messages m on m.id = t.id
    where m.deleted_at is null and not exists (select 1 from search_docs d where d.message_id = m.id)
    order by t.place
  ) n
  on conflict do nothing;
  update search_cursors set indexed_seq = last where room_id = in_room;
  return cardinality(ids);
end
$body$;
`;
