import { ParlorError } from "@parlor/protocol";
import fc from "fast-check";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RoomFrame } from "../bus/frame.js";
import type { Database, Query } from "../db/database.js";
import { noMetrics } from "../metrics/metrics.js";
import type { UsersService } from "../users/service.js";
import { createCommitter } from "./committer.js";
import { createPublisher } from "./publisher.js";
import { createRecentChanges } from "./recent-changes.js";
import type { Appended, MessageRow, NewMessage } from "./store.js";

/**
 * The real committer and publisher over a database in memory, whose every answer a scheduler gives when it likes: the
 * order of all events is a number that can be repeated. What the store's SQL does is tested elsewhere, on PostgreSQL.
 */
const store = vi.hoisted(() => ({ current: null as unknown as MemoryStore }));
vi.mock("./store.js", () => ({
  appendMessages: (_: Query, batch: readonly NewMessage[]) => store.current.append(batch),
  findMessages: (_: Query, ids: readonly string[]) => store.current.find(ids),
  lockRoom: (_: Query, roomId: string) => store.current.lockRoom(roomId),
  messagesByNumber: (_: Query, roomId: string, from: number, to: number) =>
    store.current.byNumber(roomId, from, to),
}));

/** On a machine that does other things too. */
vi.setConfig({ testTimeout: 120_000 });

/** What becomes of a transaction; `late`: the session is lost, and the commit happens some time after. */
type Fate = "commits" | "refused" | "lost before" | "lost after" | "late" | "busy";

/** Known faults of such systems, planted to see that the check finds them. */
type Fault =
  | "none"
  | "answered before the commit"
  | "client_id not looked up"
  | "batch stored in another order"
  | "unknown outcome taken as a failure";

type MemoryStore = ReturnType<typeof createStore>;
const lost = () => Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });

function createStore(fates: Fate[], scheduler: fc.Scheduler, fault: Fault) {
  const rooms = new Map<string, MessageRow[]>();
  const locks = new Map<string, Promise<void>>();
  const step = (name: string) => scheduler.schedule(Promise.resolve(), name);
  let open = 0;

  /** Holds the rooms' locks, in the order of their ids, while `work` runs. */
  async function locked<T>(roomIds: Iterable<string>, work: () => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    for (const roomId of [...new Set(roomIds)].sort()) {
      const before = locks.get(roomId) ?? Promise.resolve();
      const mine = new Promise<void>((resolve) => releases.push(resolve));
      locks.set(
        roomId,
        before.then(() => mine),
      );
      await before;
    }
    try {
      return await work();
    } finally {
      for (const release of releases) release();
    }
  }

  function commit(batch: readonly NewMessage[]): Appended[] {
    const order = fault === "batch stored in another order" ? [...batch].reverse() : batch;
    const results = new Map<NewMessage, Appended>();
    for (const message of order) {
      const rows = rooms.get(message.room_id) ?? [];
      rooms.set(message.room_id, rows);
      const isKnown = (row: MessageRow) =>
        row.user_id === message.user_id && row.client_id === message.client_id;
      const known = fault === "client_id not looked up" ? undefined : rows.find(isKnown);
      const seq = known?.seq ?? rows.length + 1;
      if (!known) {
        const state = { seq, updated_seq: seq, reactions: null, edited_at: null, deleted_at: null };
        rows.push({ ...message, ...state });
      }
      const message_id = known?.id ?? message.id;
      results.set(message, { message_id, seq, repeated: known !== undefined, extra: null });
    }
    return batch.map((message) => results.get(message) as Appended);
  }

  async function run(batch: readonly NewMessage[], fate: Fate): Promise<Appended[]> {
    const roomIds = batch.map(({ room_id }) => room_id);
    await step("begin");
    if (fate === "busy") throw Object.assign(new Error("busy"), { code: "53300" });
    if (fate === "lost before") throw lost();
    if (fate === "late") {
      open += 1;
      void locked(roomIds, async () => {
        await step("late commit");
        commit(batch);
      }).finally(() => {
        open -= 1;
      });
      throw lost();
    }
    if (fault === "answered before the commit") {
      const guess = batch.map((message, index) => ({
        seq: (rooms.get(message.room_id)?.length ?? 0) + index + 1,
      }));
      void locked(roomIds, async () => {
        await step("commit behind the answer");
        if (fate !== "lost after") commit(batch);
      });
      return batch.map(({ id }, index) => ({
        message_id: id,
        seq: guess[index]?.seq ?? 0,
        repeated: false,
        extra: null,
      }));
    }
    return await locked(roomIds, async () => {
      await step("commit");
      if (fate === "refused" && batch.some(({ content }) => content === "bad")) {
        throw Object.assign(new Error("bad"), { code: "22021" });
      }
      const results = commit(batch);
      if (fate === "lost after") throw lost();
      return results;
    });
  }

  return {
    rooms,
    get open() {
      return open;
    },
    append: (batch: readonly NewMessage[]) => run(batch, fates.shift() ?? "commits"),
    async find(ids: readonly string[]): Promise<MessageRow[]> {
      await step("find");
      return [...rooms.values()].flat().filter(({ id }) => ids.includes(id));
    },
    async lockRoom(roomId: string): Promise<number | null> {
      if (fault === "unknown outcome taken as a failure") return null;
      return await locked([roomId], async () => {
        await step("lock");
        return rooms.get(roomId)?.length ?? 0;
      });
    },
    async byNumber(roomId: string, from: number, to: number) {
      await step("read by number");
      return (rooms.get(roomId) ?? []).slice(from - 1, to).map((row) => ({ ...row, number: row.seq }));
    },
  };
}

interface Plan {
  readonly fates: readonly Fate[];
  /** Messages of each sender, by the room that each goes to. */
  readonly senders: readonly (readonly number[])[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  fates: fc.array(
    fc.constantFrom<Fate>("commits", "commits", "refused", "lost before", "lost after", "late", "busy"),
    { maxLength: 8 },
  ),
  senders: fc.array(fc.array(fc.nat(1), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
});

/** Runs a plan to its end in one order of events; answers what is wrong. */
async function play(plan: Plan, scheduler: fc.Scheduler, fault: Fault): Promise<string | null> {
  const memory = createStore([...plan.fates], scheduler, fault);
  store.current = memory;
  const told = new Map<string, RoomFrame[]>();
  const complaints: string[] = [];
  const log = pino({ level: "silent" });
  const sql = {} as Query;
  const database = { sql, transaction: (work: (tx: Query) => Promise<unknown>) => work(sql) };
  const users = { rows: async () => new Map() } as unknown as UsersService;
  const bus = {
    publish(roomId: string, frame: RoomFrame) {
      told.set(roomId, [...(told.get(roomId) ?? []), frame]);
      if ((frame.seq ?? 0) > (memory.rooms.get(roomId)?.length ?? 0))
        complaints.push("told before the commit");
    },
    subscribe: () => {},
  };
  const publisher = createPublisher({ sql, bus, users, recent: createRecentChanges(), log });
  for (const room of ["r0", "r1"]) publisher.begin(room, 0);
  const committer = createCommitter({
    database: database as unknown as Database,
    publisher,
    metrics: noMetrics,
    load: { utilization: () => 0 },
    log,
  });

  async function send(sender: number, rooms: readonly number[]): Promise<void> {
    for (const [index, room] of rooms.entries()) {
      const room_id = `r${room}`;
      const content = sender === 0 && index === 1 ? "bad" : `${sender}:${index}`;
      const who = { room_id, client_id: `c${index}`, user_id: `u${sender}`, username: "u", avatar_url: null };
      for (let tries = 0; ; tries += 1) {
        const message = {
          id: `${sender}:${index}:${tries}`,
          content,
          kind: null,
          created_at: new Date(0),
          extra: null,
        };
        try {
          const { row } = await committer.append({ ...message, ...who });
          const stored = memory.rooms.get(room_id)?.find(({ id }) => id === row.id);
          if (!stored) complaints.push(`${row.id} is acknowledged and not stored`);
          else if (!(told.get(room_id) ?? []).some(({ seq }) => seq === stored.seq))
            complaints.push("answered untold");
          break;
        } catch (error) {
          if (!(error instanceof ParlorError)) throw error;
          if (error.code === "internal") break;
        }
      }
    }
  }

  let isOver = false;
  const all = Promise.all(plan.senders.map((rooms, sender) => send(sender, rooms))).finally(() => {
    isOver = true;
  });
  for (let idle = 0; !isOver || memory.open > 0 || idle < 3; ) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (scheduler.count() > 0) await scheduler.waitOne();
    else if (isOver) idle += 1;
    vi.advanceTimersByTime(50);
  }
  await all;
  // What a session left behind at the very end, the next write brings.
  for (const [roomId, rows] of memory.rooms) {
    const caught = committer.catchUp(roomId, rows.length);
    let isCaught = false;
    void caught.finally(() => {
      isCaught = true;
    });
    while (!isCaught) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (scheduler.count() > 0) await scheduler.waitOne();
    }
  }
  return complaints[0] ?? verdictOn(memory, told, plan);
}

function verdictOn(
  memory: MemoryStore,
  told: ReadonlyMap<string, readonly RoomFrame[]>,
  plan: Plan,
): string | null {
  for (const [roomId, rows] of memory.rooms) {
    const numbers = (told.get(roomId) ?? []).map(({ seq }) => seq);
    const wanted = rows.map(({ seq }) => seq);
    if (numbers.join() !== wanted.join()) return `${roomId} told ${numbers} of ${wanted}`;
    const names = rows.map(({ user_id, client_id }) => `${user_id}/${client_id}`);
    if (new Set(names).size < names.length) return `stored twice in ${roomId}: ${names}`;
    for (const sender of plan.senders.keys()) {
      const own = rows
        .filter(({ user_id }) => user_id === `u${sender}`)
        .map(({ client_id }) => client_id ?? "");
      if (own.join() !== [...own].sort().join()) return `the order of a sender is lost: ${own}`;
    }
  }
  const wanted = plan.senders.flat().length;
  const stored = [...memory.rooms.values()].flat().length;
  return stored < wanted - 1 ? `${wanted - stored} messages are lost` : null;
}

async function check(fault: Fault, options: { seed: number; runs: number }): Promise<string | null> {
  const property = fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
    const wrong = await play(plan, scheduler, fault);
    if (wrong) throw new Error(wrong);
  });
  const result = await fc.check(property, { seed: options.seed, numRuns: options.runs, endOnFailure: true });
  if (!result.failed) return null;
  return `${String(result.errorInstance)} (seed ${result.seed}, path ${result.counterexamplePath})`;
}

describe("the group commit, in any order of events", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("[MSG1] [MSG2] [MSG3] [MSG4] acknowledged when durable and told; each number once and in order", async () => {
    for (const seed of [1, 2, 3]) expect(await check("none", { seed, runs: 300 })).toBeNull();
  });

  test("[MSG2] the same with a seed of today, which a failure names", async () => {
    expect(await check("none", { seed: Date.now() % 2 ** 31, runs: 300 })).toBeNull();
  });

  test.each<[Fault, RegExp]>([
    ["answered before the commit", /before the commit|not stored/],
    ["client_id not looked up", /stored twice/],
    ["batch stored in another order", /told|order of a sender/],
    ["unknown outcome taken as a failure", /untold|told/],
  ])("finds the planted fault: %s", async (fault, what) => {
    const found = await check(fault, { seed: 1, runs: 300 });
    expect(found).toMatch(what);
  });
});
