import { connect, createServer, type Socket } from "node:net";
import { connectionOf } from "../../src/db/connection-url.js";

/** When a doomed connection is cut: right behind the bytes that doomed it, or instead of an answer. */
export interface Cut {
  /** Text of a statement or a value that dooms the connection which sends it; each `Cut` strikes once. */
  readonly sent: string;
  /**
   * `at-once`: the database still gets and does what was sent, and then sees the end. `silent`: it never sees an end.
   * Else the answer that holds this text is not passed on; an empty text stands for the first answer.
   */
  readonly cut: "at-once" | "silent" | { readonly answer: string };
}

/** A way to a database that breaks connections where a test says. */
export interface DatabaseProxy {
  /** The address of the database through the proxy. */
  readonly url: string;
  /** Dooms the connection that fits next; resolves when it was cut. */
  strike(cut: Cut): Promise<void>;
  /** How many statements went through so far, `begin` and `commit` among them. */
  statements(): number;
  /** Keeps back whatever the server sends, until the function that it answers is called. */
  hold(): () => void;
  close(): Promise<void>;
}

/** Stands between a server and its database. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const { url, options } = connectionOf(databaseUrl);
  const target = new URL(url);
  const port = Number(target.port || 5432);
  const open = () =>
    options.host ? connect(`${options.host}/.s.PGSQL.${port}`) : connect(port, target.hostname);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let isHeld = false;
  let statements = 0;
  let armed: { cut: Cut; struck: () => void } | null = null;

  const proxy = createServer((client) => {
    const database = open();
    clients.add(client);
    client.once("close", () => clients.delete(client));
    let doom: typeof armed = null;
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
    const strike = () => {
      client.destroy();
      // What the database still has to do is read to its end, as by a network that lost the way back.
      database.resume();
      if (doom?.cut.cut !== "silent") database.end();
      doom?.struck();
    };
    const count = createStatementCounter(() => {
      statements += 1;
    });
    client.on("data", (bytes) => {
      database.write(bytes);
      count(bytes);
      if (doom || !armed || !bytes.includes(armed.cut.sent)) return;
      doom = armed;
      armed = null;
      if (typeof doom.cut.cut === "string") strike();
    });
    if (isHeld) client.pause();
    database.on("data", (bytes) => {
      if (client.destroyed) return;
      if (doom && typeof doom.cut.cut === "object" && bytes.includes(doom.cut.cut.answer)) strike();
      else client.write(bytes);
    });
    client.once("close", () => {
      if (!doom) database.destroy();
    });
    database.once("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  target.hostname = "127.0.0.1";
  target.port = String(address.port);
  return {
    url: target.href,
    strike: (cut) =>
      new Promise((resolve) => {
        armed = { cut, struck: resolve };
      }),
    statements: () => statements,
    hold() {
      isHeld = true;
      for (const client of clients) client.pause();
      return () => {
        isHeld = false;
        for (const client of clients) client.resume();
      };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/** Reads what a client sends to PostgreSQL: a start without a type, then messages of a type, a length and a body. */
function createStatementCounter(onStatement: () => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let started = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const size = head + rest.readInt32BE(head);
      if (rest.length < size) return;
      // Execute, or a simple query.
      if (started && /[EQ]/.test(String.fromCharCode(rest[0] ?? 0))) onStatement();
      started = true;
      rest = rest.subarray(size);
    }
  };
}
