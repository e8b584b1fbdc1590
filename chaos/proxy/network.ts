import { type AddressInfo, createConnection, createServer, type Server } from "node:net";
import type { Random } from "../random.js";
import { type NetworkWeather, ProxiedConnection } from "./connection.js";
import type { Armed, ArmedKind, NetworkFault, NetworkFaultKind } from "./fault.js";

/** Faults that wait for the right moment: at most so many of one kind. */
const ARMED_LIMIT = 3;
/** A repeated request is let go after so long, answered or not. */
const REPEAT_PATIENCE = 5_000;

/** Tells of a fault that really hit something; `label` names the socket, where it was one. */
export type OnHit = (kind: NetworkFaultKind, label: string) => void;

/** The network between one participant and the server. */
export class ClientNetwork implements NetworkWeather {
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #random: Random;
  readonly #onHit: OnHit;
  readonly #armed = new Map<ArmedKind, Armed[]>();
  #upstream: number | null = null;
  #slow: { delay: number; jitter: number; until: number; wasFelt: boolean } | null = null;
  #blocked: { until: number; wasFelt: boolean } | null = null;

  private constructor(random: Random, onHit: OnHit) {
    this.#random = random;
    this.#onHit = onHit;
    this.#server = createServer((client) => {
      if (this.#upstream === null) {
        client.on("error", () => {});
        client.resetAndDestroy();
      } else {
        this.#connections.add(new ProxiedConnection(client, this.#upstream, this));
      }
    });
  }

  /** Starts the proxy of one participant on a loopback port of its own. */
  static async start(random: Random, onHit: OnHit): Promise<ClientNetwork> {
    const network = new ClientNetwork(random, onHit);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  /** Where the participant believes the server to be. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** The port of the server, which changes when it restarts; `null` while there is none. */
  set upstream(port: number | null) {
    this.#upstream = port;
  }

  /** Does something to the network, at once or at the next chance. */
  apply(fault: NetworkFault): void {
    const now = performance.now();
    switch (fault.kind) {
      case "delay":
        this.#slow = {
          delay: fault.delay,
          jitter: fault.jitter,
          until: now + fault.duration,
          wasFelt: false,
        };
        return;
      case "block-sockets":
        this.#blocked = { until: now + fault.duration, wasFelt: false };
        for (const connection of this.#connections) {
          if (connection.isSocket && !connection.isFrozen) {
            this.refusesSockets();
            connection.reset();
          }
        }
        return;
      case "cut":
      case "half-open":
      case "stall":
        this.#strike(fault);
        return;
      default: {
        const waiting = this.#armed.get(fault.kind) ?? [];
        if (waiting.length < ARMED_LIMIT) this.#armed.set(fault.kind, [...waiting, fault]);
      }
    }
  }

  /** Ends all faults. What swallows bytes is reset, as by a network that comes back without its old connections. */
  heal(): void {
    this.#armed.clear();
    this.#slow = null;
    this.#blocked = null;
    for (const connection of this.#connections) if (connection.isFrozen) connection.reset();
  }

  wants(...kinds: ArmedKind[]): boolean {
    return kinds.some((kind) => (this.#armed.get(kind)?.length ?? 0) > 0);
  }

  take<K extends ArmedKind>(kind: K, label: string): Extract<Armed, { kind: K }> | undefined {
    const fault = this.#armed.get(kind)?.shift();
    if (fault && kind !== "duplicate") this.#onHit(kind, label);
    return fault as Extract<Armed, { kind: K }> | undefined;
  }

  noteDuplicate(label: string): void {
    this.#onHit("duplicate", label);
  }

  delay(isBusy: boolean): number {
    const slow = this.#slow;
    if (slow === null || performance.now() > slow.until) return 0;
    if (!slow.wasFelt && isBusy) {
      slow.wasFelt = true;
      this.#onHit("delay", "");
    }
    return slow.delay + slow.jitter * this.#random.next();
  }

  refusesSockets(): boolean {
    const blocked = this.#blocked;
    if (blocked === null || performance.now() > blocked.until) return false;
    if (!blocked.wasFelt) {
      blocked.wasFelt = true;
      this.#onHit("block-sockets", "");
    }
    return true;
  }

  repeat(bytes: Buffer, after: number): void {
    setTimeout(() => {
      if (this.#upstream === null) return;
      this.noteDuplicate("");
      const socket = createConnection(this.#upstream, "127.0.0.1");
      socket.on("error", () => {});
      socket.setTimeout(REPEAT_PATIENCE, () => socket.destroy());
      socket.once("data", () => socket.destroy());
      socket.write(bytes);
    }, after);
  }

  forget(connection: ProxiedConnection): void {
    this.#connections.delete(connection);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.reset();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #strike(fault: Extract<NetworkFault, { kind: "cut" | "half-open" | "stall" }>): void {
    const hit = [...this.#connections].filter(({ isBusy, isFrozen }) => isBusy && !isFrozen);
    if (hit.length === 0) return;
    this.#onHit(fault.kind, "");
    for (const connection of hit) {
      if (fault.kind === "cut") connection.reset();
      else if (fault.kind === "half-open") connection.freeze();
      else connection.stall(fault.duration);
    }
  }
}
