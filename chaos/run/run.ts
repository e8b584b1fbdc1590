import { setTimeout as pause } from "node:timers/promises";
import { check } from "../checker/check.js";
import type { RunRecord, Violation } from "../checker/record.js";
import { Ledger } from "../participants/ledger.js";
import { createRandom } from "../random.js";
import type { EventLog } from "../report/event-log.js";
import { Recoveries } from "../report/recoveries.js";
import type { Summary } from "../report/summary.js";
import { type FaultKind, type Moment, makePlan, type Plan, type ProcessFault } from "../schedule/plan.js";
import { type CrowdEvents, type Seat, seatCrowd } from "./crowd.js";
import { settle } from "./settle.js";
import { type DatabaseKind, startWorld, type World } from "./world.js";

/** What to run. */
export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly database: DatabaseKind;
  /** The built server. */
  readonly main: string;
  readonly log: EventLog;
  /** Told about progress, in a line. */
  readonly say: (line: string) => void;
}

/** Runs one seed against real processes, and proves at the end that nothing was lost. */
export async function runChaos(options: RunOptions): Promise<Summary> {
  const run = new Run(options);
  try {
    return await run.play();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #plan: Plan;
  readonly #ledger = new Ledger();
  readonly #recoveries = new Recoveries();
  readonly #faults: Partial<Record<FaultKind, number>> = {};
  #world: World | null = null;
  #seats: readonly Seat[] = [];
  #isOver = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#plan = makePlan(options.seed, options.minutes * 60_000);
  }

  async play(): Promise<Summary> {
    const { seed, database, main, log, say } = this.#options;
    const { digest, moments, people } = this.#plan;
    say(`seed ${seed}, schedule ${digest}, ${moments.length} moments, ${people.length} participants`);
    const world = await startWorld({
      database,
      main,
      onPort: (port) => this.#routeTo(port),
      onCrash: (how, wasReady) => this.#noteCrash(how, wasReady),
    });
    this.#world = world;
    this.#seats = await seatCrowd(this.#plan, world.url(), createRandom(seed), this.#ledger, this.#events());
    this.#routeTo(Number(new URL(world.url()).port));
    for (const { person } of this.#seats) person.open();
    await this.#playMoments(world);
    say("healing");
    log.note("heal");
    for (const { network } of this.#seats) network.heal();
    world.clock?.set(0);
    await world.healthy();
    const { record, open } = await settle(world, this.#seats, this.#ledger);
    this.#isOver = true;
    return this.#sumUp(world, record, [...this.#ledger.incidents, ...open, ...check(record)]);
  }

  /** Ends all that was started. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const line of this.#world?.server.output ?? []) this.#options.log.note("server said", { line });
    for (const { person } of this.#seats) person.close();
    await Promise.all(this.#seats.map(({ network }) => network.close()));
    await this.#world?.stop();
  }

  #events(): CrowdEvents {
    const { log } = this.#options;
    return {
      onHit: (index, kind, label) => {
        const seat = this.#seats[index];
        if (!seat) return;
        log.note(kind, { who: seat.person.name, label });
        this.#count(kind, [seat]);
      },
      onTrace: (what, details) => log.note(what, details),
      onState: (name, newest, isContiguous) => {
        if (isContiguous) this.#recoveries.contiguous(name, newest);
      },
    };
  }

  /** A fault has hit something; the time until those whom it hit are contiguous again begins. */
  #count(kind: FaultKind, hit: readonly Seat[]): void {
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    for (const { person } of hit) {
      if (person.isMeasured) this.#recoveries.disturbed(person.name, kind, this.#ledger.head(person.room));
    }
  }

  #routeTo(port: number | null): void {
    this.#options.log.note("server", { port });
    for (const { network } of this.#seats) network.upstream = port;
  }

  /** Also a start never ends by itself, whatever happens to its database meanwhile. */
  #noteCrash(how: string, wasReady: boolean): void {
    this.#options.log.note("crash", { how, wasReady });
    if (this.#isOver) return;
    const when = wasReady ? "" : " during its start";
    this.#ledger.incident({ rule: "crash", who: "server", detail: `it ended by itself${when}: ${how}` });
  }

  /** Calls each moment at its time. */
  async #playMoments(world: World): Promise<void> {
    const start = performance.now();
    for (const moment of this.#plan.moments) {
      const wait = start + moment.at - performance.now();
      if (wait > 0) await pause(wait);
      this.#playMoment(world, moment);
    }
  }

  #playMoment(world: World, moment: Moment): void {
    const { log } = this.#options;
    if (moment.type === "act") {
      log.note("act", { who: this.#plan.people[moment.who]?.name, ...moment.action });
      this.#seats[moment.who]?.person.act(moment.action);
    } else if (moment.type === "network") {
      this.#seats[moment.who]?.network.apply(moment.fault);
    } else if (strike(world, moment.fault)) {
      log.note(moment.fault.kind, moment.fault);
      this.#count(moment.fault.kind, this.#seats);
    }
  }

  #sumUp(world: World, record: RunRecord, violations: readonly Violation[]): Summary {
    const { seed, minutes, database, log } = this.#options;
    for (const violation of violations) log.note("violation", violation);
    return {
      seed,
      minutes,
      database,
      schedule: this.#plan.digest,
      participants: this.#plan.people.length,
      faults: this.#faults,
      skipped: world.clock ? [] : ["clock-jump: libfaketime is not installed"],
      sent: this.#ledger.sent.length,
      acknowledgements: this.#ledger.acknowledgements,
      stored: record.rooms.reduce((all, { rows }) => all + rows.length, 0),
      changes: this.#ledger.changes.length,
      violations,
      recoveries: this.#recoveries.times,
    };
  }
}

/** Does something to the processes; `false` when there was nothing to hit. */
function strike({ server, database, clock }: World, fault: ProcessFault): boolean {
  switch (fault.kind) {
    case "server-kill":
    case "server-restart":
      return server.end(fault.kind === "server-kill" ? "SIGKILL" : "SIGTERM", fault.downtime);
    case "database-kill":
      return database.kill(fault.downtime);
    case "backend-kill":
      return database.killBackend(fault.choice);
    case "clock-jump":
      clock?.set(fault.offset);
      return clock !== null;
  }
}
