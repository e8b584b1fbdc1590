/** What the parts of the server tell as it happens. Costs nothing where nobody asks for metrics. */
export interface Metrics {
  /** A commit stored so many messages, and took so many milliseconds. */
  committed(messages: number, milliseconds: number): void;
  /** A room's sockets got what was committed so many milliseconds ago; of several messages the oldest counts. */
  written(milliseconds: number): void;
  /** A client with a cursor began to read what it missed. */
  replayed(): void;
}

/** For a server without a `METRICS_PORT`. */
export const noMetrics: Metrics = {
  committed: () => undefined,
  written: () => undefined,
  replayed: () => undefined,
};
