import type { Machine } from "./explore.js";

/**
 * Unsent messages of one person in several tabs: the store that the tabs share, the lease of the turn, the network and
 * the server. A step is what one transaction or one turn of the event loop does; its name begins with the function that
 * it stands for.
 */

/** Known faults of such systems, planted to see that the check finds them. */
export type OutboxFault =
  | "none"
  | "client_id not looked up"
  | "new client_id at each try"
  | "forgotten before the acknowledgement"
  | "acknowledged before the commit"
  | "next one before the acknowledgement"
  | "list not read again"
  | "turn not looked at before the send"
  | "refused ones block";

interface Options {
  readonly fault: OutboxFault;
  readonly tabs: number;
  /** Messages that the person writes, in this order; the one named `poison` is refused. */
  readonly messages: number;
  readonly poison: number | null;
  readonly crashes: number;
  readonly losses: number;
  readonly serverCrashes: number;
  /** Whether the person may drop one that was never sent. */
  readonly drops: number;
  /** Sends of all tabs together. */
  readonly tries: number;
}

interface Row {
  readonly id: number;
  readonly failed: boolean;
}

interface Tab {
  readonly alive: boolean;
  /** What `load` read last. */
  readonly list: readonly Row[];
  /** Whether it believes to have the turn (`work` runs). */
  readonly works: boolean;
  /** `load` was done, and then `holds` since the last send. */
  readonly checked: "no" | "loaded" | "held";
  /** The message that it waits for. */
  readonly inFlight: number | null;
  /** Dropped while another tab had the turn, and the list was not read since: this tab must not send it. */
  readonly forbidden: readonly number[];
}

interface World {
  readonly written: number;
  readonly store: readonly Row[];
  /** The tab of the lease row; `null` for none. */
  readonly lease: number | null;
  readonly tabs: readonly Tab[];
  /** On the way to the server: message, tab, and the name under which it goes. */
  readonly requests: readonly { readonly id: number; readonly tab: number; readonly name: number }[];
  /** Taken by the server and not durable yet. */
  readonly uncommitted: readonly { readonly id: number; readonly tab: number; readonly name: number }[];
  /** The history, by what was written; `names` are the `client_id`s in it. */
  readonly history: readonly number[];
  readonly names: readonly number[];
  /** On the way back. */
  readonly answers: readonly { readonly id: number; readonly tab: number; readonly refused: boolean }[];
  /** Acknowledged to some tab. */
  readonly acknowledged: readonly number[];
  readonly dropped: readonly number[];
  /** Sent at least once. */
  readonly sent: readonly number[];
  readonly nextName: number;
  readonly crashes: number;
  readonly losses: number;
  readonly serverCrashes: number;
  readonly drops: number;
  readonly tries: number;
  readonly complaint: string | null;
}

/** Makes the machine of some tabs. A tab is frozen whenever none of its steps is taken, for as long as one likes. */
export function outboxMachine(options: Options): Machine<World> {
  const { fault, poison } = options;
  const has = (rows: readonly Row[], id: number) => rows.some((row) => row.id === id);
  const without = <T>(list: readonly T[], index: number) => list.filter((_, other) => other !== index);

  function withTab(world: World, index: number, change: Partial<Tab>): World {
    const tabs = world.tabs.map((tab, other) => (other === index ? { ...tab, ...change } : tab));
    return { ...world, tabs };
  }

  function* personSteps(world: World): Generator<readonly [string, World]> {
    if (world.written < options.messages) {
      const id = world.written + 1;
      // In any tab: the store's transaction decides the place.
      for (const [index, tab] of world.tabs.entries()) {
        if (!tab.alive) continue;
        const row = { id, failed: false };
        const next = withTab(world, index, { list: [...tab.list, row] });
        yield [`Sender.add in tab ${index}`, { ...next, written: id, store: [...world.store, row] }];
      }
    }
    for (const { id } of world.drops > 0 ? world.store : []) {
      if (world.sent.includes(id)) continue;
      // In the tab that shows it; the others hear of it when they hear of it.
      const store = world.store.filter((row) => row.id !== id);
      const tabs = world.tabs.map((tab, index) =>
        world.lease === index || tab.checked === "held" ? tab : { ...tab, forbidden: [...tab.forbidden, id] },
      );
      const dropped = [...world.dropped, id];
      yield [`Sender.discard ${id}`, { ...world, store, tabs, dropped, drops: world.drops - 1 }];
    }
  }

  function* tabSteps(world: World, index: number, tab: Tab): Generator<readonly [string, World]> {
    const name = (what: string) => `${what} in tab ${index}`;
    if (world.crashes > 0) {
      const gone = {
        alive: false,
        list: [],
        works: false,
        checked: "no",
        inFlight: null,
        forbidden: [],
      } as const;
      yield [name("crash"), withTab({ ...world, crashes: world.crashes - 1 }, index, gone)];
    }
    if (!tab.works) {
      const isMine = world.lease === index;
      const isPending = world.store.some((row) => !row.failed);
      // A holder that is frozen or gone loses its turn; nobody can tell which, so it may happen at any moment.
      if (isPending) {
        const what =
          world.lease === null || isMine ? "createTurns.take" : "createTurns.take of one who stands still";
        const taken = withTab({ ...world, lease: index }, index, { works: true, checked: "no" });
        yield [name(what), taken];
      }
      return;
    }
    if (tab.inFlight !== null && fault !== "next one before the acknowledgement") {
      yield [name("ACKNOWLEDGE_TIMEOUT, pause"), withTab(world, index, { inFlight: null, checked: "no" })];
      return;
    }
    if (tab.checked === "no") {
      const isStale = fault === "list not read again" && tab.list.length > 0;
      const read = isStale ? {} : { list: world.store, forbidden: [] };
      yield [name("load"), withTab(world, index, { ...read, checked: "loaded" })];
    } else if (tab.checked === "loaded" && fault !== "turn not looked at before the send") {
      const holds = world.lease === index;
      yield [
        name("Turn.holds"),
        withTab(world, index, holds ? { checked: "held" } : { works: false, checked: "no" }),
      ];
    } else {
      yield* sendSteps(world, index, tab);
    }
  }

  function* sendSteps(world: World, index: number, tab: Tab): Generator<readonly [string, World]> {
    const isLater = (id: number) =>
      fault === "next one before the acknowledgement" && tab.inFlight !== null && id <= tab.inFlight;
    const next = tab.list.find((row) => (fault === "refused ones block" || !row.failed) && !isLater(row.id));
    if (!next) {
      const lease = world.lease === index ? null : world.lease;
      yield [
        `giveBack in tab ${index}`,
        withTab({ ...world, lease }, index, { works: false, checked: "no" }),
      ];
      return;
    }
    const clientId = fault === "new client_id at each try" ? 100 + world.nextName : next.id;
    if (world.tries === 0) return;
    const complaint = tab.forbidden.includes(next.id)
      ? `message ${next.id} was dropped, and a tab without the turn sends it`
      : world.complaint;
    let sent = withTab(world, index, { inFlight: next.id, checked: "no" });
    if (fault === "forgotten before the acknowledgement")
      sent = { ...sent, store: sent.store.filter((row) => row.id !== next.id) };
    yield [
      `transmit ${next.id} in tab ${index}`,
      {
        ...sent,
        complaint,
        tries: world.tries - 1,
        nextName: world.nextName + (fault === "new client_id at each try" ? 1 : 0),
        requests: [...world.requests, { id: next.id, tab: index, name: clientId }],
        sent: world.sent.includes(next.id) ? world.sent : [...world.sent, next.id].sort((a, b) => a - b),
      },
    ];
  }

  function* serverSteps(world: World): Generator<readonly [string, World]> {
    for (const [index, request] of world.requests.entries()) {
      // Those of one tab come in order; those of different tabs in any.
      if (world.requests.findIndex(({ tab }) => tab === request.tab) !== index) continue;
      const rest = without(world.requests, index);
      const answer = { id: request.id, tab: request.tab, refused: request.id === poison };
      if (request.id === poison) {
        yield [
          `post refuses ${request.id}`,
          { ...world, requests: rest, answers: [...world.answers, answer] },
        ];
      } else {
        const early = fault === "acknowledged before the commit" ? [...world.answers, answer] : world.answers;
        const uncommitted = [...world.uncommitted, request];
        yield [`committer.append ${request.id}`, { ...world, requests: rest, answers: early, uncommitted }];
      }
      if (world.losses > 0)
        yield [
          `lost on the way to the server: ${request.id}`,
          { ...world, requests: rest, losses: world.losses - 1 },
        ];
    }
    const [first] = world.uncommitted;
    if (first) yield [`append_messages ${first.id}`, commit(world, first)];
    if (world.serverCrashes > 0 && (world.uncommitted.length > 0 || world.answers.length > 0)) {
      const cut = { uncommitted: [], answers: [], requests: [] };
      const kept = fault === "acknowledged before the commit" ? { answers: world.answers } : {};
      yield ["kill -9 of the server", { ...world, ...cut, ...kept, serverCrashes: world.serverCrashes - 1 }];
    }
  }

  function commit(world: World, request: World["requests"][number]): World {
    const isKnown = fault !== "client_id not looked up" && world.names.includes(request.name);
    const answer = { id: request.id, tab: request.tab, refused: false };
    return {
      ...world,
      uncommitted: world.uncommitted.slice(1),
      history: isKnown ? world.history : [...world.history, request.id],
      names: isKnown ? world.names : [...world.names, request.name],
      answers: fault === "acknowledged before the commit" ? world.answers : [...world.answers, answer],
    };
  }

  function* answerSteps(world: World): Generator<readonly [string, World]> {
    for (const [index, answer] of world.answers.entries()) {
      // Answers of one tab come in order; those of different tabs in any.
      if (world.answers.findIndex(({ tab }) => tab === answer.tab) !== index) continue;
      const answers = without(world.answers, index);
      if (world.losses > 0)
        yield [`answer lost: ${answer.id}`, { ...world, answers, losses: world.losses - 1 }];
      const tab = world.tabs[answer.tab];
      if (!tab?.alive) yield [`answer to nobody: ${answer.id}`, { ...world, answers }];
      else if (answer.refused)
        yield [`Sender.refuse ${answer.id}`, refuse({ ...world, answers }, answer.tab, tab, answer.id)];
      else
        yield [
          `Sender.acknowledge ${answer.id}`,
          acknowledge({ ...world, answers }, answer.tab, tab, answer.id),
        ];
    }
  }

  function acknowledge(world: World, index: number, tab: Tab, id: number): World {
    const isWaiting = tab.inFlight === id;
    const next = withTab(world, index, {
      list: tab.list.filter((row) => row.id !== id),
      ...(isWaiting ? { inFlight: null, checked: "no" as const } : {}),
    });
    const known = world.acknowledged.includes(id);
    const acknowledged = known ? world.acknowledged : [...world.acknowledged, id].sort((a, b) => a - b);
    return { ...next, acknowledged, store: world.store.filter((row) => row.id !== id) };
  }

  function refuse(world: World, index: number, tab: Tab, id: number): World {
    if (tab.inFlight !== id) return world;
    const fail = (rows: readonly Row[]) =>
      rows.map((row) => (row.id === id ? { ...row, failed: true } : row));
    const next = withTab(world, index, { list: fail(tab.list), inFlight: null, checked: "no" });
    return { ...next, store: fail(world.store) };
  }

  function wrong(world: World): string | null {
    const { history, acknowledged, store, dropped, written } = world;
    if (world.complaint) return world.complaint;
    if (new Set(history).size < history.length) return `a message is stored twice: ${history}`;
    // One that was dropped while it was under way may arrive at any time.
    const kept = history.filter((id) => !dropped.includes(id));
    if (!kept.every((id, index) => index === 0 || id > (kept[index - 1] ?? 0)))
      return `the order of writing is lost: ${history}`;
    for (const id of acknowledged)
      if (!history.includes(id)) return `message ${id} is acknowledged and not stored`;
    for (let id = 1; id <= written; id += 1) {
      const isSomewhere = history.includes(id) || has(store, id) || dropped.includes(id);
      if (!isSomewhere) return `message ${id} is lost`;
    }
    return settled(world);
  }

  /** While a tab lives, only what failed may stay for good. */
  function settled(world: World): string | null {
    const isOver = world.written === options.messages && world.requests.length + world.answers.length === 0;
    if (!isOver || world.uncommitted.length > 0 || world.losses + world.serverCrashes > 0) return null;
    const blocks = world.store.find((row) => row.failed);
    const waits = world.store.find((row) => !row.failed && row.id > (blocks?.id ?? Number.POSITIVE_INFINITY));
    const tab = world.tabs.find(({ alive, works }) => alive && works);
    if (!blocks || !waits || !tab || tab.inFlight !== null || tab.checked === "no") return null;
    const next = tab.list.find((row) => fault === "refused ones block" || !row.failed);
    return next?.failed ? `message ${next.id}, which was refused, blocks message ${waits.id}` : null;
  }

  const tab: Tab = { alive: true, list: [], works: false, checked: "no", inFlight: null, forbidden: [] };
  const { crashes, losses, serverCrashes, drops, tries } = options;
  const start: World = {
    written: 0,
    store: [],
    lease: null,
    tabs: Array.from({ length: options.tabs }, () => tab),
    requests: [],
    uncommitted: [],
    history: [],
    names: [],
    answers: [],
    acknowledged: [],
    dropped: [],
    sent: [],
    nextName: 0,
    crashes,
    losses,
    serverCrashes,
    drops,
    tries,
    complaint: null,
  };
  return {
    start,
    *steps(world) {
      yield* personSteps(world);
      for (const [index, one] of world.tabs.entries()) if (one.alive) yield* tabSteps(world, index, one);
      yield* serverSteps(world);
      yield* answerSteps(world);
    },
    wrong,
    keyOf,
  };
}

function keyOfRows(rows: readonly Row[]): string {
  let key = "";
  for (const { id, failed } of rows) key += failed ? `${id}!` : `${id},`;
  return key;
}

/** By hand: most of the time of a search goes into keys. */
function keyOf(world: World): string {
  let key = `${world.written}|${keyOfRows(world.store)}|${world.lease}|`;
  for (const tab of world.tabs) {
    key += `${tab.alive ? 1 : 0}${tab.works ? 1 : 0}${tab.checked}${tab.inFlight}${keyOfRows(tab.list)}`;
    key += `${tab.forbidden};`;
  }
  for (const { id, tab, name } of world.requests) key += `${id}.${tab}.${name},`;
  key += "|";
  for (const { id, tab, name } of world.uncommitted) key += `${id}.${tab}.${name},`;
  key += "|";
  for (const { id, tab, refused } of world.answers) key += `${id}.${tab}${refused ? "!" : ","}`;
  key += `|${world.history}|${world.names}|${world.acknowledged}|${world.dropped}|${world.sent}|${world.nextName}`;
  key += `|${world.crashes}${world.losses}${world.serverCrashes}${world.drops}${world.tries}|${world.complaint}`;
  return key;
}
