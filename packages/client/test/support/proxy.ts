import type { AddressInfo } from "node:net";
import { createConnection, createServer, type Socket } from "node:net";

/** A network that a test can spoil: a proxy of bytes before a server. */
export interface TestProxy {
  readonly url: string;
  /** Refuses handshakes of WebSockets from now on, or takes them again. */
  refuseSockets(refuses: boolean): void;
  /** Refuses everything from now on, or takes it again. */
  refuseAll(refuses: boolean): void;
  /** Cuts every WebSocket as a dead network does: no close frame. Answers how many. */
  cut(): number;
  /** Lets WebSockets stay open and silent: what either side sends is dropped. */
  freeze(): void;
  readonly openSockets: number;
  close(): Promise<void>;
}

/** Starts a proxy before the server that listens on `port` of this machine. */
export async function startProxy(port: number): Promise<TestProxy> {
  const sockets = new Set<{ cut: () => void; freeze: () => void }>();
  const all = new Set<Socket>();
  let refusesSockets = false;
  let refusesAll = false;

  const server = createServer((client) => {
    all.add(client);
    client.on("close", () => all.delete(client));
    client.on("error", () => {});
    client.once("data", (first) => {
      const isUpgrade = first.toString("latin1", 0, 8) === "GET /ws/";
      if (refusesAll || (isUpgrade && refusesSockets)) {
        client.destroy();
        return;
      }
      const upstream = createConnection(port, "127.0.0.1");
      upstream.on("error", () => client.destroy());
      upstream.on("close", () => client.destroy());
      client.on("close", () => upstream.destroy());
      upstream.write(first);
      client.pipe(upstream);
      upstream.pipe(client);
      if (!isUpgrade) return;
      const entry = {
        cut: () => client.resetAndDestroy(),
        freeze() {
          client.unpipe(upstream).resume();
          upstream.unpipe(client).resume();
        },
      };
      sockets.add(entry);
      client.on("close", () => sockets.delete(entry));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${own}`,
    refuseSockets(refuses) {
      refusesSockets = refuses;
    },
    refuseAll(refuses) {
      refusesAll = refuses;
      if (refuses) for (const socket of all) socket.resetAndDestroy();
    },
    cut() {
      const count = sockets.size;
      for (const socket of sockets) socket.cut();
      return count;
    },
    freeze() {
      for (const socket of sockets) socket.freeze();
    },
    get openSockets() {
      return sockets.size;
    },
    async close() {
      for (const socket of all) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Starts a proxy that breaks each connection off once a client has sent so many bytes over it. */
export async function startCuttingProxy(
  port: number,
  bytes: number,
): Promise<{ url: string; readonly cuts: number; close(): Promise<void> }> {
  const all = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = createConnection(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      all.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => all.delete(socket));
    }
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.pipe(client);
    let left = bytes;
    client.on("data", (data) => {
      upstream.write(data.subarray(0, left));
      left -= data.length;
      if (left > 0) return;
      cuts += 1;
      client.resetAndDestroy();
      upstream.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of all) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
