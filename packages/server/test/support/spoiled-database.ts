import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { connectionOf, socketFolder } from "../../src/db/connection-url.js";

/** A network between Parlor and its database that a test can spoil. */
export interface SpoiledDatabase {
  /** The database's address by way of the proxy. */
  readonly url: string;
  /**
   * "open" passes everything on; "closed" takes no connections and breaks those that are there; "mute" closes each
   * connection without a word; "frozen" takes everything and answers nothing.
   */
  become(state: "open" | "closed" | "mute" | "frozen"): Promise<void>;
  close(): Promise<void>;
}

/** Starts a proxy before the database of a URL. */
export async function spoilDatabase(url: string): Promise<SpoiledDatabase> {
  const folder = socketFolder(url);
  const target = new URL(connectionOf(url).url);
  const port = Number(target.port || 5432);
  const pairs = new Set<[Socket, Socket]>();
  let state = "open";
  const server = createServer((client) => {
    client.on("error", () => undefined);
    if (state === "mute") return client.destroy();
    const upstream =
      folder === undefined
        ? createConnection(port, target.hostname)
        : createConnection(`${folder}/.s.PGSQL.${port}`);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => {
      upstream.destroy();
      pairs.delete(pair);
    });
    if (state === "frozen") return client.resume();
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const listen = (at: number) => new Promise<void>((resolve) => void server.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  const through = new URL(target);
  through.hostname = "127.0.0.1";
  through.port = String(own);
  const cut = () => {
    for (const [client] of pairs) client.destroy();
  };
  const stopListening = () => new Promise<void>((resolve) => void server.close(() => resolve()));

  return {
    url: through.href,
    async become(next) {
      state = next;
      if (next === "frozen") {
        for (const [client, upstream] of pairs) {
          client.unpipe(upstream).resume();
          upstream.unpipe(client).resume();
        }
      } else if (next !== "open") cut();
      if (next === "closed" && server.listening) await stopListening();
      else if (next !== "closed" && !server.listening) await listen(own);
    },
    async close() {
      cut();
      if (server.listening) await stopListening();
    },
  };
}
