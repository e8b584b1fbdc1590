import type { Logger } from "../log.js";
import { errorCode, errorText } from "../startup-error.js";
import { NotSent, TROUBLES, type TroubleKind, troubleOf } from "./trouble.js";

/** Time between looks at a database that is in trouble, in milliseconds. */
const PROBE_EVERY = 500;
/** A database that takes longer for nothing at all is slow. */
const PROBE_WITHIN = 1500;
/** In these nothing can be asked, so queries are refused before they are sent. */
const SHUT: ReadonlySet<TroubleKind> = new Set([
  "unreachable",
  "starting",
  "out_of_connections",
  "login_refused",
]);

/** What the database suffers from. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** What happened and what to do, for the person who runs it. */
  readonly reason: string;
}

/** Knows how the database is: from the errors of queries, and, as long as it is in trouble, by asking it. */
export interface DatabaseWatch {
  /** The trouble as it is known now. */
  current(): Trouble | null;
  /** Why a query is not sent; `null` when it is. */
  blocked(): NotSent | null;
  /** Takes note of a query's error. */
  note(error: unknown): void;
  /** Asks the database, and answers within two seconds how it is. */
  check(): Promise<Trouble | null>;
  stop(): void;
}

/** How the watch asks: fails with the database's error. */
export interface Probes {
  /** Reads nothing, and tells whether changes are taken. */
  read(): Promise<{ readOnly: boolean }>;
  /** Commits a change that changes nothing. */
  write(): Promise<unknown>;
  /** Takes half a megabyte of the disk for a moment: a change in a page that is there says nothing of a full one. */
  takeRoom(): Promise<unknown>;
  /**
   * Looks with a new connection whether changes are taken again, and if so ends the old ones: a connection keeps the
   * setting that it was opened with.
   */
  renew(): Promise<void>;
}

/** Makes the watch. It logs one line when a trouble begins or changes, and one when it is over. */
export function createDatabaseWatch(
  probes: Probes,
  log: Logger,
  onShut: (error: NotSent) => void,
): DatabaseWatch {
  let trouble: Trouble | null = null;
  let since = 0;
  let probing: Promise<Trouble | null> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function set(kind: TroubleKind | null, error: unknown): void {
    if (stopped || kind === (trouble?.kind ?? null)) return;
    if (kind === null) {
      const seconds = Math.round((performance.now() - since) / 1000);
      log.info({ seconds }, "the database is well again");
      trouble = null;
      return;
    }
    if (trouble === null) since = performance.now();
    // Everybody may read the reason; the words of the error name hosts and users, and are for the log.
    trouble = { kind, reason: `${TROUBLES[kind]}.` };
    log.error({ said: errorText(error), code: errorCode(error) ?? "none" }, trouble.reason);
    if (SHUT.has(kind)) onShut(refusal());
  }

  const refusal = () => new NotSent(trouble?.reason ?? "the database is away", false);

  async function look(): Promise<Trouble | null> {
    try {
      const { readOnly } = await within(PROBE_WITHIN, readTwice());
      if (readOnly) await within(PROBE_WITHIN, probes.renew());
      // Only a change proves that changes are taken again.
      else if (trouble?.kind === "disk_full") await within(PROBE_WITHIN, probes.takeRoom());
      else if (trouble?.kind === "read_only") await within(PROBE_WITHIN, probes.write());
      set(readOnly ? "read_only" : null, "");
    } catch (error) {
      set(troubleOf(error) ?? "failing", error);
    }
    if (trouble !== null) lookLater();
    return trouble;
  }

  /** The first question may meet the very connection that broke; only a second failure says something. */
  async function readTwice(): Promise<{ readOnly: boolean }> {
    return await probes.read().catch((error: unknown) => {
      if (trouble !== null && errorCode(error) !== "CONNECTION_DESTROYED") throw error;
      return probes.read();
    });
  }

  function check(): Promise<Trouble | null> {
    probing ??= look().finally(() => {
      probing = undefined;
    });
    return probing;
  }

  function lookLater(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void check();
    }, PROBE_EVERY);
    timer.unref();
  }

  return {
    current: () => trouble,
    blocked: () => (trouble !== null && SHUT.has(trouble.kind) ? refusal() : null),
    note(error) {
      const kind = troubleOf(error);
      if (kind === null || stopped) return;
      // One connection that broke, or one statement that waited for a lock, says little: the next look tells.
      if (trouble === null && (kind === "read_only" || kind === "disk_full")) set(kind, error);
      if (trouble === null) void check();
      else lookLater();
    },
    check,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Fails when the work takes longer; the work goes on. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error(`no answer for ${ms / 1000} s`), { code: "CONNECT_LATE" }));
    }, ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
