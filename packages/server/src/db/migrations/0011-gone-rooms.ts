import { sql as appendByIndex } from "./0008-append-by-index.js";

const ROOM = "select r.id, r.head_seq from rooms r where r.id = i.room_id";

/**
 * A room that its host deleted is of the kind `gone`; all that it held is removed, some at a time, until it is `emptied`.
 * Its row stays, so that nobody makes another room of its id, to which members would come back without its password.
 * Storing a batch is as in 0008, but that such a room takes no message: who waited for its lock is refused. Beside it an
 * index of those who were put out of a room, for its host.
 *
 * `host_proven` says that a room's hosts had a session when it was made: only then nobody else can come into their place.
 * Of older rooms that is known where its hosts are accounts.
 */
export const sql = /* sql */ `
alter table rooms add column host_proven boolean not null default false;
update rooms r set host_proven = true
where coalesce(r.created_by, r.host ->> 'id') is not null and not exists (
  select 1 from unnest(array[r.created_by, r.host ->> 'id']) as h (id)
  where h.id is not null and not exists (select 1 from users u where u.id = h.id and u.account));
alter table rooms add column emptied boolean not null default false;
create index rooms_gone on rooms (id) where kind = 'gone' and not emptied;
create index room_members_out on room_members (room_id, banned_at desc) where banned_at is not null;
${appendByIndex.replace(ROOM, `${ROOM} and r.kind <> 'gone'`)}
`;
