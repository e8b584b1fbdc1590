import { CALL_SERVER, type CallSnapshot, TIMING } from "@parlor/protocol";
import type { CallEngine, EngineOptions } from "./engine.js";
import { every } from "./every.js";
import { createMesh } from "./mesh.js";
import { createServed } from "./served/served.js";
import type { CallPerson } from "./types.js";

/** How often it is looked whether the media of a new engine has come, in milliseconds. */
const LOOK_EVERY = 250;

/** Where to say that the media of a generation has come. */
export interface EnginesOptions extends EngineOptions {
  readonly ready: (generation: number) => void;
}

interface Held {
  readonly engine: CallEngine;
  /** The state that it is for: another one is for another engine. */
  readonly key: string;
  readonly isServed: boolean;
}

interface Handover {
  readonly from: Held;
  /** Who was there when it began. */
  readonly legs: ReadonlySet<string>;
  /** Whose media comes over the new engine. */
  readonly arrived: Set<string>;
  isReady: boolean;
  readonly stop: () => void;
}

/**
 * The engine that the call's state names. When it names another one, the new one is connected beside the former; each
 * person is shown as the new one brings them, and the former goes when everybody has everybody's media, or a time is over.
 */
export function createEngines(options: EnginesOptions): CallEngine {
  const { clock } = options;
  let current: Held | null = null;
  let handover: Handover | null = null;
  let call: CallSnapshot | null = null;
  let own = "";
  let people: readonly CallPerson[] = [];

  function make(key: string, isServed: boolean): Held {
    const isCurrent = () => current?.engine === engine;
    const engine = (isServed ? createServed : createMesh)({
      ...options,
      // The server knows one pair of connections of a leg: those of the engine that it named last.
      send: (to, signal) => {
        if (!isServed || isCurrent()) options.send(to, signal);
      },
      onChange: () => show(),
      onListen: () => {
        if (isCurrent()) options.onListen();
      },
    });
    return { engine, key, isServed };
  }

  function handOver(from: Held): void {
    handover?.stop();
    const stopLooking = every(clock, LOOK_EVERY, () => void look().catch(() => {}));
    const stopWaiting = clock.after(TIMING.callHandover, settle);
    handover = {
      from,
      legs: new Set(from.engine.people.map(({ legId }) => legId)),
      arrived: new Set(),
      isReady: false,
      stop() {
        stopLooking();
        stopWaiting();
        from.engine.close();
      },
    };
  }

  /** Lets go of the former engine. */
  function settle(): void {
    handover?.stop();
    handover = null;
    show();
  }

  async function look(): Promise<void> {
    const [to, under] = [current, handover];
    if (!to || !under) return;
    for (const legId of under.legs)
      if (!under.arrived.has(legId) && (await to.engine.flows(legId))) under.arrived.add(legId);
    if (handover !== under || current !== to) return;
    const others = othersOf(under);
    if (!under.isReady && others.every(({ leg_id }) => under.arrived.has(leg_id))) {
      under.isReady = true;
      if (call) options.ready(call.generation);
    }
    finish();
    show();
  }

  function othersOf({ legs }: Handover) {
    return call?.legs.filter(({ leg_id }) => legs.has(leg_id)) ?? [];
  }

  /** The former engine goes when it brings nothing to anybody any more. */
  function finish(): void {
    if (!handover?.isReady || !call) return;
    const { generation } = call;
    if (othersOf(handover).every((leg) => leg.generation >= generation)) settle();
  }

  function show(): void {
    const former = new Map(handover?.from.engine.people.map((person) => [person.legId, person]));
    const next = (current?.engine.people ?? []).map((person) => {
      if (handover?.arrived.has(person.legId)) return person;
      return former.get(person.legId) ?? person;
    });
    if (next.length === people.length && next.every((person, index) => person === people[index])) return;
    people = next;
    options.onChange();
  }

  return {
    follow(next, you) {
      call = next;
      own = you;
      const isServed = next.mode === "janus";
      // The clients of a mesh find each other again by themselves; a server that began anew knows nobody.
      const key = isServed ? `${next.epoch} ${next.generation}` : "mesh";
      if (current?.key !== key) {
        const before = current;
        current = make(key, isServed);
        if (before) handOver(before);
      }
      current.engine.follow(next, you);
      if (handover) {
        const { from, legs } = handover;
        // Whoever comes later is not known to it.
        const known = next.legs.filter(({ leg_id }) => leg_id === own || legs.has(leg_id));
        from.engine.follow({ ...next, legs: known }, you);
      }
      finish();
      show();
    },
    receive(from, signal) {
      const isServed = from === CALL_SERVER.sends || from === CALL_SERVER.receives;
      if (current?.isServed === isServed) current.engine.receive(from, signal);
      else if (!isServed && handover?.from.isServed === false) handover.from.engine.receive(from, signal);
    },
    update() {
      current?.engine.update();
      handover?.from.engine.update();
    },
    resize: () => current?.engine.resize(),
    restart() {
      current?.engine.restart();
      handover?.from.engine.restart();
    },
    flows: async (legId) => (await current?.engine.flows(legId)) ?? false,
    get people() {
      return people;
    },
    get isVideoHeldBack() {
      return current?.engine.isVideoHeldBack ?? false;
    },
    close() {
      handover?.stop();
      handover = null;
      current?.engine.close();
      current = null;
      people = [];
    },
  };
}
