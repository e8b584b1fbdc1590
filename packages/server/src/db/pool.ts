import type { Connection } from "./connection.js";

/** Queries under way for each connection: they follow one another without a pause between. */
const PIPELINED = 8;
/** A connection is closed when it has nothing to do and is so old, in milliseconds. */
const LIFETIME_MS = 30 * 60_000;
/** After one more could not be had, so many milliseconds pass until the next is asked for, and until it is told again. */
const GROW_AGAIN_MS = 1_000;
const TELL_AGAIN_MS = 60_000;

/** The connections to the one database. A broken one leaves at once; a new one is made when it is needed. */
export interface Pool {
  /** A connection with a place, for one query or `alone` for a transaction; `null` while there is none. */
  take(alone: boolean): Connection | null;
  /** The one with the least to do, whether it has a place or not: for a question about the database itself. */
  lend(): Connection;
  /** What the connection was taken (`alone` as then) or lent for is done. */
  giveBack(connection: Connection, alone: boolean): void;
  /** Breaks all off. */
  breakAll(): void;
  /** Closes all, at the latest after so many seconds. */
  end(seconds: number): Promise<void>;
}

/** What a pool is made of. */
export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  connect(onBroken: () => void): Connection;
  /** Resolves when a new connection answers; fails when it can not be had. */
  greet(connection: Connection): Promise<unknown>;
  /** Called when one more has places, or could not be had. */
  onSettled(): void;
  /** Called when one more could not be had, beside others that answer; once a minute at most. */
  onNotGrown(error: unknown): void;
}

const answers = ({ hasAnswered }: Connection) => hasAnswered;

/**
 * Makes the pool. While no connection has answered, one opens with each query, which gets the error when it can not be
 * had. Beside one that has, a further one gets no query before it answers itself: where the database gives no more, those
 * that are there do it all.
 */
export function createPool({ max, connect, greet, onSettled, onNotGrown }: PoolOptions): Pool {
  const connections = new Set<Connection>();
  let growsFrom = 0;
  let tellsFrom = 0;

  function open(): Connection {
    const connection = connect(() => connections.delete(connection));
    connections.add(connection);
    return connection;
  }

  async function grow(): Promise<void> {
    if (connections.size >= max || performance.now() < growsFrom) return;
    const connection = open();
    connection.load += 1;
    try {
      await greet(connection);
      connection.load -= 1;
      connection.hasAnswered = true;
    } catch (error) {
      connections.delete(connection);
      connection.destroy(new Error("the connection could not be had"));
      noteFailure(error);
    }
    onSettled();
  }

  function noteFailure(error: unknown): void {
    growsFrom = performance.now() + GROW_AGAIN_MS;
    // What waits for a place asks for none again by itself.
    setTimeout(onSettled, GROW_AGAIN_MS).unref();
    if (performance.now() < tellsFrom || ![...connections].some(answers)) return;
    tellsFrom = performance.now() + TELL_AGAIN_MS;
    onNotGrown(error);
  }

  function leastLoaded(fits: (connection: Connection) => boolean): Connection | undefined {
    let least: Connection | undefined;
    for (const connection of connections)
      if (fits(connection) && connection.load < (least?.load ?? Infinity)) least = connection;
    return least;
  }

  function withPlace(): Connection | undefined {
    const isCold = ![...connections].some(answers);
    const least = leastLoaded((one) => (isCold || one.hasAnswered) && !one.isTaken && one.load < PIPELINED);
    if (least?.load === 0 || connections.size >= max) return least;
    if (isCold) return open();
    void grow();
    return least;
  }

  return {
    take(alone) {
      const connection = withPlace();
      if (connection === undefined) return null;
      connection.load += 1;
      connection.isTaken = alone;
      return connection;
    },
    lend() {
      // Behind another's opening it would learn that connection's end, and not how the database is.
      const connection = leastLoaded(answers) ?? open();
      connection.load += 1;
      return connection;
    },
    giveBack(connection, alone) {
      connection.load -= 1;
      // It may have broken instead; then it is not in the pool any more.
      connection.hasAnswered = true;
      if (alone) connection.isTaken = false;
      if (connection.load > 0 || performance.now() - connection.openedAt < LIFETIME_MS) return;
      connections.delete(connection);
      void connection.end(1);
    },
    breakAll() {
      const error = Object.assign(new Error("the connection is renewed"), { code: "CONNECTION_CLOSED" });
      for (const connection of [...connections]) connection.destroy(error);
    },
    async end(seconds) {
      await Promise.all([...connections].map((connection) => connection.end(seconds)));
      connections.clear();
    },
  };
}
