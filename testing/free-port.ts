import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const TRIES = 100;

/**
 * A port on which nobody listens at the moment, on the loopback address. It lies below those that the system gives to
 * outgoing connections: of those one may be taken before the server that it is for has started.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error("there is no free port between 20000 and 32000");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
