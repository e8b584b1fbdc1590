/** Recordings of calls until their message is in the history: what a restart must not forget. */
export const sql = /* sql */ `
create table recordings (
  -- Also the name of the folder of its files.
  id text primary key,
  room_id text not null references rooms (id) on delete cascade,
  call_id text not null,
  started_by text not null,
  started_at timestamptz not null,
  -- Null while it goes on; stopped, bound or restart.
  ended text,
  -- How often it was tried to make a file of it.
  tries integer not null default 0
);
`;
