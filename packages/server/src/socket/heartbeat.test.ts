import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createPeerWatch } from "./heartbeat.js";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** The two ends of a connection; what the far one answers is up to it. */
async function pair() {
  const http = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(http, "listening");
  const far = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const [[ws, request]] = await Promise.all([once(http, "connection"), once(far, "open")]);
  ended.push(() => {
    far.terminate();
    http.close();
    ws.terminate();
  });
  return { far, ws: ws as WebSocket, socket: request.socket };
}

test("[WS17] a peer that answers no ping is ended, one that answers stays", async () => {
  const watch = createPeerWatch({ pingEvery: 500, lookEvery: 100 });
  ended.push(() => watch.stop());
  const [silent, alive] = await Promise.all([pair(), pair()]);
  silent.far.pause();
  let pings = 0;
  alive.far.on("ping", () => {
    pings += 1;
  });
  watch.watch(silent.ws, silent.socket);
  watch.watch(alive.ws, alive.socket);
  await once(silent.ws, "close");
  await expect.poll(() => pings, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(alive.ws.readyState).toBe(WebSocket.OPEN);
}, 30_000);
