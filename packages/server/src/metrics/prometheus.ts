import type { Metrics } from "./metrics.js";

/** What is looked at when somebody asks. */
export interface Gauges {
  connections(): number;
  rooms(): number;
  unsentBytes(): number;
}

/** Seconds; from what a quiet machine needs to what a person notices. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const MESSAGES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Metrics in the words of Prometheus, with those of the process and of Node.js. */
export interface Prometheus extends Metrics {
  /** Says where the figures of the moment come from. */
  watch(gauges: Gauges): void;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Counts in memory; the names are the ones that docs/SELF-HOSTING.md lists. */
export async function createPrometheus(): Promise<Prometheus> {
  // Loaded only where it is asked for: it would delay every start.
  const { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const stored = new Counter({
    name: "parlor_messages_stored_total",
    help: "Messages that were committed",
    registers,
  });
  const batches = new Histogram({
    name: "parlor_commit_batch_messages",
    help: "Messages of one commit",
    buckets: MESSAGES,
    registers,
  });
  const commits = new Histogram({
    name: "parlor_commit_seconds",
    help: "Time of one commit of messages at the database",
    buckets: SECONDS,
    registers,
  });
  const writes = new Histogram({
    name: "parlor_commit_to_write_seconds",
    help: "Time from the commit of a message to its write to the sockets of its room, the oldest message of each write",
    buckets: SECONDS,
    registers,
  });
  const replays = new Counter({
    name: "parlor_replays_total",
    help: "Clients that asked for what they missed",
    registers,
  });

  return {
    committed(messages, milliseconds) {
      stored.inc(messages);
      batches.observe(messages);
      commits.observe(milliseconds / 1000);
    },
    written: (milliseconds) => writes.observe(milliseconds / 1000),
    replayed: () => replays.inc(),

    watch(gauges) {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      gauge("parlor_connections", "WebSockets in rooms, and inboxes", gauges.connections);
      gauge("parlor_rooms", "Rooms and inboxes with a WebSocket", gauges.rooms);
      gauge("parlor_unsent_bytes", "Bytes that wait for slow readers", gauges.unsentBytes);
    },

    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
