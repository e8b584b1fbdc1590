import { setTimeout as pause } from "node:timers/promises";
import { createApi } from "@parlor/client";
import { check } from "../checker/check.js";
import { readPages, readStored, toRow } from "../checker/history.js";
import type { RunRecord, StoredRoom, View, Violation } from "../checker/record.js";
import type { Ledger } from "../participants/ledger.js";
import type { Seat } from "./crowd.js";
import type { World } from "./world.js";

/** After the network healed, everybody has so long to become contiguous. */
const SETTLE_PATIENCE = 60_000;
const LOOK_EVERY = 500;

/** Waits until everybody has sent all and shows the history as it is stored; what is left then is broken. */
export async function settle(
  world: World,
  seats: readonly Seat[],
  ledger: Ledger,
): Promise<{ record: RunRecord; open: Violation[] }> {
  const deadline = Date.now() + SETTLE_PATIENCE;
  for (;;) {
    await pause(LOOK_EVERY);
    const busy = seats.filter(({ person }) => !person.isIdle()).map(({ person }) => person.name);
    const isLate = Date.now() > deadline;
    if (busy.length > 0 && !isLate) continue;
    const record = await gather(world, seats, ledger);
    if (!isLate && check(record).some(({ rule }) => rule === "view differs")) continue;
    const open = busy.map((who): Violation => {
      return { rule: "not contiguous in time", who, detail: "it has not sent all, or is not connected" };
    });
    return { record, open };
  }
}

/** Reads everything once: the database itself, the pages of the API, and what everybody shows. */
async function gather(world: World, seats: readonly Seat[], ledger: Ledger): Promise<RunRecord> {
  const names = [...new Set(seats.map(({ person }) => person.room))];
  const api = createApi({ url: world.url() });
  const sql = world.database.connect();
  const rooms: StoredRoom[] = [];
  const views: View[] = [];
  try {
    for (const { person } of seats) views.push(await person.view());
    for (const room of names) {
      const stored = await readStored(sql, room);
      const pages = (await readPages(api, room)).map(toRow);
      rooms.push(stored);
      views.push({ name: "REST", room, from: 0, rows: pages, names: stored.names });
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
  const live = seats.flatMap(({ person }) => person.live());
  return { rooms, sent: ledger.sent, changes: ledger.changes, views, live };
}
