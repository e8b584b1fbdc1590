import { ParlorError } from "@parlor/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import type { Clock } from "./clock.js";
import { createMemoryOutbox, type OutboxStore } from "./outbox.js";
import { createSender, type Sender } from "./sender.js";

type Fate =
  | "stored"
  | "ack lost"
  | "ack twice"
  | "frame lost"
  | "refused for now"
  | "refused"
  | "link breaks";

/** A server that keeps what it stored, and a network that does what a list of fates says. */
function createWorld(fates: readonly Fate[]) {
  const stored: string[] = [];
  const contents = new Set<string>();
  const refused: string[] = [];
  const tabs: Sender[] = [];
  let turn = 0;
  let inFlight = 0;
  let widest = 0;

  function store(client_id: string): void {
    if (!contents.has(client_id)) stored.push(client_id);
    contents.add(client_id);
  }
  const acknowledge = (client_id: string) => {
    for (const tab of tabs) tab.acknowledge(client_id);
  };

  return {
    stored,
    refused,
    tabs,
    get widest() {
      return widest;
    },
    async transmit(client_id: string, sender: () => Sender): Promise<void> {
      inFlight += 1;
      widest = Math.max(widest, inFlight);
      const fate = fates[turn] ?? "stored";
      turn += 1;
      await Promise.resolve();
      inFlight -= 1;
      if (contents.has(client_id) && fate !== "frame lost" && fate !== "link breaks")
        return acknowledge(client_id);
      switch (fate) {
        case "stored":
          store(client_id);
          return acknowledge(client_id);
        case "ack twice":
          store(client_id);
          acknowledge(client_id);
          return acknowledge(client_id);
        case "ack lost":
          return store(client_id);
        case "frame lost":
          return;
        case "refused for now":
          throw new ParlorError("overloaded");
        case "refused":
          refused.push(client_id);
          return sender().refuse(client_id, new ParlorError("content_too_long"));
        case "link breaks":
          store(client_id);
          sender().setReady(false);
          return sender().setReady(true);
      }
    },
  };
}

function open(world: ReturnType<typeof createWorld>, clock: Clock, store: OutboxStore): Sender {
  const sender: Sender = createSender({
    store,
    key: "room",
    clock,
    random: () => 0.5,
    transmit: ({ client_id }) => world.transmit(client_id, () => sender),
    onChange: () => {},
  });
  world.tabs.push(sender);
  return sender;
}

const message = (client_id: string) => ({
  client_id,
  content: client_id,
  created_at: 0,
  status: "pending" as const,
});
const fate = fc.constantFrom<Fate>(
  "stored",
  "ack lost",
  "ack twice",
  "frame lost",
  "refused for now",
  "refused",
  "link breaks",
);

describe("the outbox", () => {
  test("keeps the order and stores each message exactly once, whatever the network does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        async (fates, count) => {
          const { clock, next } = createFakeClock();
          const world = createWorld(fates);
          const sender = open(world, clock, createMemoryOutbox());
          sender.setReady(true);
          const names = Array.from({ length: count }, (_, index) => `c${index}`);
          for (const name of names) sender.add(message(name));
          while (sender.list.some(({ status }) => status === "pending") && (await next()));
          await settle();
          expect(world.stored).toEqual(names.filter((name) => !world.refused.includes(name)));
          expect(sender.list.map(({ client_id, status }) => [client_id, status])).toEqual(
            world.refused.map((name) => [name, "failed"]),
          );
          expect(world.widest).toBe(1);
          sender.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  test("a restart in the middle goes on where it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), fc.nat(6), async (fates, steps) => {
        const { clock, next } = createFakeClock();
        const world = createWorld(fates.filter((one) => one !== "refused"));
        const store = createMemoryOutbox();
        const first = open(world, clock, store);
        for (const name of ["a", "b", "c"]) first.add(message(name));
        first.setReady(true);
        for (let step = 0; step < steps; step += 1) await next();
        await settle();
        first.close();
        const second = open(world, clock, store);
        second.setReady(true);
        await settle();
        while (second.list.length > 0 && (await next()));
        expect(world.stored).toEqual(["a", "b", "c"]);
        expect(await store.list("room")).toEqual([]);
        second.close();
      }),
      { numRuns: 100 },
    );
  });

  test("of two tabs one sends for both, and the other takes over", async () => {
    const { clock, next } = createFakeClock();
    const world = createWorld(["ack lost", "stored"]);
    const store = createMemoryOutbox();
    const one = open(world, clock, store);
    const two = open(world, clock, store);
    one.setReady(true);
    two.setReady(true);
    await settle();
    one.add(message("a"));
    await settle();
    two.add(message("b"));
    await settle();
    expect(one.list.map(({ client_id }) => client_id)).toEqual(["a", "b"]);
    expect(two.list.map(({ client_id }) => client_id)).toEqual(["a", "b"]);
    one.close();
    while (two.list.length > 0 && (await next()));
    expect(world.stored).toEqual(["a", "b"]);
    expect(world.widest).toBe(1);
    two.close();
  });

  test("a failed message waits for the person, who sends it again or takes it back", async () => {
    const { clock } = createFakeClock();
    const world = createWorld(["refused", "refused", "stored", "stored"]);
    const sender = open(world, clock, createMemoryOutbox());
    sender.setReady(true);
    for (const name of ["a", "b", "c"]) sender.add(message(name));
    await settle();
    expect(world.stored).toEqual(["c"]);
    expect(sender.list[0]).toMatchObject({ status: "failed", failure: { code: "content_too_long" } });
    expect(sender.discard("b")?.content).toBe("b");
    sender.retry("a");
    await settle();
    expect(world.stored).toEqual(["c", "a"]);
    expect(sender.list).toEqual([]);
    sender.close();
  });

  test("a store that fails costs nothing but the memory", async () => {
    const { clock } = createFakeClock();
    const world = createWorld([]);
    const broken = () => Promise.reject(new Error("no storage"));
    const store = { ...createMemoryOutbox(), list: broken, put: broken, delete: broken };
    const sender = open(world, clock, store);
    sender.setReady(true);
    for (const name of ["a", "b"]) sender.add(message(name));
    await settle();
    expect(world.stored).toEqual(["a", "b"]);
    expect(sender.list).toEqual([]);
    sender.close();
  });

  test("[OUT5] what a store refused is kept later, in its order, and said meanwhile", async () => {
    const { clock } = createFakeClock();
    const inner = createMemoryOutbox();
    let isFull = true;
    const put = (...input: Parameters<OutboxStore["put"]>) =>
      isFull ? Promise.reject(new Error("full")) : inner.put(...input);
    const sender = open(createWorld([]), clock, { ...inner, durable: true, put });
    expect(sender.isKept).toBe(true);
    sender.add(message("a"));
    await settle();
    expect(sender.isKept).toBe(false);
    isFull = false;
    sender.add(message("b"));
    await settle();
    expect(sender.isKept).toBe(true);
    expect((await inner.list("room")).map(({ client_id }) => client_id)).toEqual(["a", "b"]);
    sender.close();
  });

  test("[OUT3] what one tab dropped does not come back as the failure that another one met", async () => {
    const { clock } = createFakeClock();
    const store = createMemoryOutbox();
    let refuse: (error: ParlorError) => void = () => {};
    const one: Sender = createSender({
      store,
      key: "room",
      clock,
      random: () => 0.5,
      transmit: () => new Promise((_, reject) => (refuse = reject)),
      onChange: () => {},
    });
    const two = open(createWorld([]), clock, store);
    one.add(message("a"));
    await settle();
    one.setReady(true);
    await settle();
    const dropped = store.delete("room", "a");
    refuse(new ParlorError("content_too_long"));
    await dropped;
    await settle();
    // Without a connection it can not tell that from a message that was sent.
    two.setReady(true);
    await settle();
    expect([one.list, two.list, await store.list("room")]).toEqual([[], [], []]);
    one.close();
    two.close();
  });

  test("[OUT7] what another page sent stays shown until the history can show it", async () => {
    const { clock, next } = createFakeClock();
    const world = createWorld([]);
    const store = createMemoryOutbox();
    const away = open(world, clock, store);
    const shown = () => away.list.map(({ client_id }) => client_id);
    const other = open(createWorld([]), clock, store);
    for (const name of ["c0", "c1", "c2"]) away.add(message(name));
    await settle();
    other.acknowledge("c0");
    await settle();
    other.discard("c1");
    await settle();
    away.add(message("c3"));
    await settle();
    expect(shown()).toEqual(["c0", "c1", "c2", "c3"]);
    // The history brings the one that was sent, and then nothing more is to be expected of the one that was dropped.
    away.acknowledge("c0");
    expect(shown()).toEqual(["c1", "c2", "c3"]);
    away.setReady(true);
    while (away.list.length > 0 && (await next()));
    await settle();
    expect(shown()).toEqual([]);
    expect(world.stored).toEqual(["c2", "c3"]);
    for (const tab of [away, other]) tab.close();
  });

  test("[OUT2] nothing is sent on a turn that was lost", async () => {
    const { clock } = createFakeClock();
    const world = createWorld([]);
    const inner = createMemoryOutbox();
    let isMine = false;
    const store: OutboxStore = {
      ...inner,
      exclusively: (key, signal, work) =>
        inner.exclusively(key, signal, (turn) => work({ ...turn, holds: async () => isMine })),
    };
    const sender = open(world, clock, store);
    sender.add(message("a"));
    sender.setReady(true);
    await Promise.resolve();
    expect(world.stored).toEqual([]);
    isMine = true;
    await settle();
    expect(world.stored).toEqual(["a"]);
    sender.close();
  });

  test("an error of the server's own about one message does not block the others for ever", async () => {
    const { clock, next } = createFakeClock();
    const stored: string[] = [];
    const sender: Sender = createSender({
      store: createMemoryOutbox(),
      key: "room",
      clock,
      random: () => 0.5,
      async transmit({ client_id }) {
        if (client_id === "poison") throw new ParlorError("internal");
        stored.push(client_id);
        sender.acknowledge(client_id);
      },
      onChange: () => {},
    });
    sender.setReady(true);
    sender.add(message("poison"));
    sender.add(message("b"));
    while (stored.length === 0 && (await next()));
    expect(sender.list).toMatchObject([{ client_id: "poison", status: "failed" }]);
    sender.close();
  });
});
