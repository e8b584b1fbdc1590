import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Parlor } from "./parlor.js";

/** A server before Parlor that can serve another version of the client, as a deploy does. */
export interface Deploys {
  readonly url: string;
  /** The version that is served now. */
  version(): Promise<string>;
  /** From now on a new version is served; what `isGone` names is not there any more. Open connections are cut. */
  deploy(version: string, isGone?: (path: string) => boolean): void;
  close(): Promise<void>;
}

const VERSION = /name="parlor-version" content="(\w+)"/;

/** Puts itself before a running server. */
export async function startDeploys(parlor: Parlor): Promise<Deploys> {
  const target = new URL(parlor.url);
  const built = VERSION.exec(await fetchText(`${parlor.url}/`))?.[1] ?? "";
  const sockets = new Set<Socket>();
  let version = built;
  let isGone = (_path: string) => false;

  /** The page and its worker, of the version of now. */
  async function answer(path: string, reply: ServerResponse): Promise<void> {
    const text = (await fetchText(parlor.url + path)).replaceAll(built, version);
    const type = path === "/sw.js" ? "text/javascript" : "text/html";
    reply.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(text);
  }

  function pass(incoming: IncomingMessage, reply: ServerResponse): void {
    const { method, headers, url } = incoming;
    const { hostname, port } = target;
    const onward = request({ hostname, port, method, headers, path: url }, (response) => {
      reply.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(reply);
    });
    onward.on("error", () => reply.destroy());
    incoming.pipe(onward);
  }

  const server = createServer((incoming, reply) => {
    const path = incoming.url ?? "/";
    const isPage = incoming.headers.accept?.includes("text/html");
    if (isGone(path)) reply.writeHead(404).end();
    else if (path === "/sw.js" || isPage) void answer(path, reply).catch(() => reply.destroy());
    else pass(incoming, reply);
  });
  server.on("upgrade", (incoming, socket: Socket, head) => {
    const onward = connect(Number(target.port), target.hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let index = 0; index < incoming.rawHeaders.length; index += 2)
        lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    version: async () => version,
    deploy(next, gone = () => false) {
      version = next;
      isGone = gone;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function fetchText(url: string): Promise<string> {
  return await (await fetch(url, { headers: { accept: "text/html" } })).text();
}
