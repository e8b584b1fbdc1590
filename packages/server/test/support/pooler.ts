import { connect, createServer, type Socket } from "node:net";
import { connectionOf } from "../../src/db/connection-url.js";

/** What stands between Parlor and its database in many a cloud, as far as its first packet goes. */
export interface Pooler {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A pooler that refuses settings at the begin of a connection, as PgBouncer does, or drops them, as with its
 * `ignore_startup_parameters`.
 */
export async function startPooler(databaseUrl: string, settings: "refused" | "dropped"): Promise<Pooler> {
  const { url, options } = connectionOf(databaseUrl);
  const target = new URL(url);
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = options.host
      ? connect(`${options.host}/.s.PGSQL.${port}`)
      : connect(port, target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.once("data", (packet) => {
      if (settings === "refused") client.end(refusal("unsupported startup parameter: search_path"));
      else database.write(withoutSettings(packet));
      client.pipe(database);
      database.pipe(client);
    });
    client.once("close", () => database.destroy());
    database.once("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the pooler has no port");
  target.hostname = "127.0.0.1";
  target.port = String(address.port);
  return {
    url: target.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.from("E\0\0\0\0");
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** A startup packet with `user` and `database` alone. */
function withoutSettings(packet: Buffer): Buffer {
  const words = packet.toString("utf8", 8).split("\0");
  const kept: string[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [name = "", value = ""] = words.slice(at, at + 2);
    if (name === "user" || name === "database") kept.push(name, value);
  }
  const body = Buffer.from(`${kept.join("\0")}\0\0`);
  const head = Buffer.from(packet.subarray(0, 8));
  head.writeUInt32BE(body.length + 8, 0);
  return Buffer.concat([head, body]);
}
