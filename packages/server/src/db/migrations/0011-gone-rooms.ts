import { sql as appendByIndex } from "./0008-append-by-index.js";

const ROOM = "select r.id, r.head_seq from rooms r where r.id = i.room_id";

/**
 * A room that its host deleted is of the kind `gone` until all that it held is removed, some at a time. Storing a batch is
 * as in 0008, but that such a room takes no message: who waited for its lock is refused. Beside it an index of those who were put out of a room, for its host.
 */
export const sql = /* sql */ `
create index rooms_gone on rooms (id) where kind = 'gone';
create index room_members_out on room_members (room_id, banned_at desc) where banned_at is not null;
${appendByIndex.replace(ROOM, `${ROOM} and r.kind <> 'gone'`)}
`;
