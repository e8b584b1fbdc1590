/** What of a room's call has to outlive the process that holds it: a row while it goes on. */
export const sql = /* sql */ `
create table calls (
  room_id text primary key references rooms (id) on delete cascade,
  call_id text not null,
  -- Who carries its media: mesh or janus.
  mode text not null,
  locked boolean not null,
  lobby boolean not null,
  -- Ids of users: who was put out of it, and who was in it last.
  removed text[] not null,
  inside text[] not null
);
`;
