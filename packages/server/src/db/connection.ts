import postgres from "postgres";
import { createOneSocket, type SocketOptions } from "./socket.js";

/** The driver's query, as far as it is steered from here: it runs when it is first waited for, through `handler`. */
export interface DriverQuery extends Promise<unknown> {
  handler: (query: DriverQuery) => void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Whether the driver's template made a query, and not a part of one. */
export function isDriverQuery(made: unknown): made is DriverQuery {
  return (
    made instanceof Promise && "handler" in made && typeof made.handler === "function" && "reject" in made
  );
}

/**
 * The driver counts the rows of a connection, and does not begin anew after a statement that failed among its rows: those
 * of the next one stand behind as many holes, so that its first row seems not to be there (issue 1181
 * of postgres.js).
 */
function closeHoles(query: DriverQuery): void {
  const { resolve } = query;
  query.resolve = (result) => {
    if (Array.isArray(result) && result.length > 0 && !(0 in result))
      result.splice(
        0,
        result.findIndex((_row, place) => place in result),
      );
    resolve(result);
  };
}

/** Parlor's rows: `int8` comes as a number, since Parlor's counters stay below 2^53. */
export type Types = { bigint: number };

/** One connection to the database. */
export interface Connection {
  /** Runs queries on this connection. */
  readonly sql: postgres.Sql<Types>;
  /** When it was made, by the monotonic clock. */
  readonly openedAt: number;
  /** What it was given and has not answered. */
  load: number;
  /** Whether it ever answered: one that opens may still be refused. */
  hasAnswered: boolean;
  /** Whether a transaction has it for itself. */
  isTaken: boolean;
  /** Runs a query that another template of the driver has made. */
  run(query: DriverQuery): void;
  /** Bytes that have come. */
  bytesRead(): number;
  /** Breaks it off: what it has not answered fails. */
  destroy(error: Error): void;
  /** Closes it once it has answered all, at the latest after so many seconds. */
  end(seconds: number): Promise<void>;
}

/** Settings of a connection: the driver's own. */
export type ConnectionSettings = postgres.Options<{ bigint: postgres.PostgresType<number> }> & {
  /** Whether it is a tool's, which waits for as long as it must. */
  readonly isPatient: boolean;
};

/**
 * Makes a connection, which connects with its first query and is used until it breaks. The driver would go on with the
 * same object and, in it, with what the broken connection has left: bytes that were to be written, behind which the new
 * connection stays mute until a kilobyte has gathered (three seconds for each try); queries that came between an error
 * and the close, whose places in the line of answers shift all others; an error that keeps a refused login from being
 * told. So each has a driver of its own. `onBroken` is called once, before anybody's query can come to it.
 */
export function createConnection(
  url: string,
  { isPatient, ...settings }: ConnectionSettings,
  onBroken: () => void,
): Connection {
  let isBroken = false;
  const socket = createOneSocket(!isPatient, () => {
    if (isBroken) return;
    isBroken = true;
    onBroken();
    // What the driver still holds, and would hold for ever, fails.
    void sql.end({ timeout: 0 });
  });
  const options = {
    ...settings,
    max: 1,
    // The pool bounds what is under way. The driver forgets to reserve the connection for a `begin` with which its own
    // bound is reached: the transaction fails, and stays open with whatever others then write there.
    max_pipeline: Number.MAX_SAFE_INTEGER,
    backoff: false,
    max_lifetime: null,
    fetch_types: false,
    socket: (where: SocketOptions) => socket.open(where),
  };
  const sql = postgres(url, options);
  const { handler } = sql`` as unknown as DriverQuery;
  return {
    sql,
    openedAt: performance.now(),
    load: 0,
    hasAnswered: false,
    isTaken: false,
    run(query) {
      closeHoles(query);
      handler(query);
    },
    bytesRead: () => socket.bytesRead(),
    destroy: (error) => socket.destroy(error),
    end: (timeout) => sql.end({ timeout }),
  };
}
