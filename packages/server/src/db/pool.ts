import type { Connection } from "./connection.js";

/** Queries under way for each connection: they follow one another without a pause between. */
const PIPELINED = 8;
/** A connection is closed when it has nothing to do and is so old, in milliseconds. */
const LIFETIME_MS = 30 * 60_000;

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

/** Makes the pool of at most `max` connections. */
export function createPool(max: number, connect: (onBroken: () => void) => Connection): Pool {
  const connections = new Set<Connection>();

  function open(): Connection {
    const connection = connect(() => connections.delete(connection));
    connections.add(connection);
    return connection;
  }

  function leastLoaded(among: Iterable<Connection>): Connection | undefined {
    let least: Connection | undefined;
    for (const connection of among) if (connection.load < (least?.load ?? Infinity)) least = connection;
    return least;
  }

  function withPlace(): Connection | undefined {
    const free = [...connections].filter(({ isTaken, load }) => !isTaken && load < PIPELINED);
    const least = leastLoaded(free);
    if (least?.load === 0 || connections.size >= max) return least;
    return open();
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
      const connection = withPlace() ?? leastLoaded(connections) ?? open();
      connection.load += 1;
      return connection;
    },
    giveBack(connection, alone) {
      connection.load -= 1;
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
