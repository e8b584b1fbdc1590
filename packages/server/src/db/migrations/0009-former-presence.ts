/** Who was connected when the server stopped, for the next one: written at a stop, taken at a start. */
export const sql = /* sql */ `
create table former_presence (
  room_id text not null,
  user_id text not null,
  left_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
`;
