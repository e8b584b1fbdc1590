import postgres from "postgres";

/** A database that the harness may kill. */
export interface ChaosDatabase {
  /** For the server's environment; empty for the embedded one. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Kills its first process; `false` when none runs. It comes back after `downtime` milliseconds
   * (never, when that is infinite), or by the server.
   */
  kill(downtime: number): boolean;
  /** Kills one process that serves a connection; `false` when none runs. The database then restarts by itself. */
  killBackend(choice: number): boolean;
  /** Where it can be asked, beside the server. */
  connect(): postgres.Sql;
  stop(): Promise<void>;
}

/** A connection of the checker's own. */
export function connectTo(host: string, port: number, user: string, database: string): postgres.Sql {
  return postgres({ host, port, user, database, max: 1, fetch_types: false, onnotice: () => {} });
}
