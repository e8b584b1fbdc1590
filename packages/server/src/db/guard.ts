import { type Connection, type DriverQuery, isDriverQuery } from "./connection.js";
import type { Gate } from "./gate.js";
import type { Pool } from "./pool.js";
import type { DatabaseWatch } from "./watch.js";

/** What stands between the services and the driver. */
export interface Guards {
  readonly gate: Gate<Connection>;
  readonly pool: Pool;
  readonly watch: DatabaseWatch;
  /** Milliseconds after which a query is given up; `null` for never. */
  readonly deadlineMs: number | null;
}

/** Lets every query of the template through the gate. Fragments inside of others never run, so they pass as they are. */
export function guardQueries<Template extends object>(sql: Template, guards: Guards): Template {
  return new Proxy(sql, {
    apply(target, self, args) {
      const made: unknown = Reflect.apply(target as () => unknown, self, args);
      if (isDriverQuery(made)) guardQuery(made, guards);
      return made;
    },
  });
}

/**
 * The template of a transaction, whose queries fail once its session has ended: the driver would write them to a
 * socket that is gone, from a callback that nobody can catch, which ends the process.
 */
export function guardSession<Template extends object>(
  transaction: Template,
  hasEnded: () => boolean,
): Template {
  return new Proxy(transaction, {
    apply(target, self, args) {
      const made: unknown = Reflect.apply(target as () => unknown, self, args);
      if (!isDriverQuery(made)) return made;
      const run = made.handler;
      made.handler = (query) => {
        if (hasEnded()) query.reject(sessionEnded());
        else run(query);
      };
      return made;
    },
  });
}

function sessionEnded(): Error {
  return Object.assign(new Error("the session with the database has ended"), { code: "CONNECTION_CLOSED" });
}

function guardQuery(query: DriverQuery, guards: Guards): void {
  const { gate, pool, watch } = guards;
  query.handler = () => {
    gate.enter({
      alone: false,
      refuse: (error) => query.reject(error),
      start(connection) {
        const stop = watchSilence(connection, guards.deadlineMs, () => query.reject(tooLate()));
        const done = () => {
          stop();
          pool.giveBack(connection, false);
          gate.next();
        };
        query.then(done, (error: unknown) => {
          done();
          watch.note(error);
        });
        connection.run(query);
      },
    });
  };
}

/**
 * The same for a transaction; `begun` has to be called at its start. One that has not begun in time is given up, and
 * then does nothing any more; one that has is ended with its connection, so that it is never left half known.
 */
export async function guardTransaction<T>(
  { gate, pool, watch, deadlineMs }: Guards,
  work: (connection: Connection, begun: () => void) => Promise<T>,
): Promise<T> {
  const connection = await new Promise<Connection>((resolve, reject) => {
    gate.enter({ alone: true, start: resolve, refuse: reject });
  });
  return await new Promise<T>((resolve, reject) => {
    let hasBegun = false;
    let isLate = false;
    const stop = watchSilence(connection, deadlineMs, () => {
      isLate = !hasBegun;
      if (isLate) reject(tooLate());
    });
    const begun = () => {
      // Without a code, so that it does not look like a connection that broke: this one goes back to the pool.
      if (isLate) throw new Error("the transaction was given up before it began");
      hasBegun = true;
    };
    work(connection, begun)
      .then(resolve, (error: unknown) => {
        watch.note(error);
        reject(error);
      })
      .finally(() => {
        stop();
        pool.giveBack(connection, true);
        gate.next();
      });
  });
}

/** A question about the database itself, which no gate keeps back. */
export async function askDatabase<T>(
  pool: Pool,
  deadlineMs: number | null,
  question: (sql: Connection["sql"]) => Promise<T>,
): Promise<T> {
  const connection = pool.lend();
  return await askOn(connection, deadlineMs, question).finally(() => pool.giveBack(connection, false));
}

/** A question by a connection that nobody else may use yet, or that was lent. */
export async function askOn<T>(
  connection: Connection,
  deadlineMs: number | null,
  question: (sql: Connection["sql"]) => Promise<T>,
): Promise<T> {
  const stop = watchSilence(connection, deadlineMs, () => undefined);
  return await question(connection.sql).finally(stop);
}

/**
 * Gives up what waits for an answer after so many milliseconds, and breaks the connection off when nothing at all has
 * come on it in such a time: the network swallows what is sent, say.
 */
function watchSilence(connection: Connection, everyMs: number | null, giveUp: () => void): () => void {
  if (everyMs === null) return () => undefined;
  let heard = connection.bytesRead();
  const timer = setInterval(() => {
    giveUp();
    if (connection.bytesRead() === heard) connection.destroy(tooLate());
    heard = connection.bytesRead();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function tooLate(): Error {
  return Object.assign(new Error("the database did not answer in time"), { code: "CONNECT_LATE" });
}
