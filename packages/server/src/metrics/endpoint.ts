import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { errorCode, StartupError } from "../startup-error.js";
import type { Prometheus } from "./prometheus.js";

/** Only this machine may ask: a collector elsewhere comes through a proxy that knows who may. */
const HOST = "127.0.0.1";

/** Where Prometheus asks. */
export interface MetricsEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `GET /metrics` on a port of its own, so that no proxy in front of Parlor shows it to the world. */
export async function serveMetrics(metrics: Prometheus, port: number): Promise<MetricsEndpoint> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { "content-type": metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, port)));
    server.listen(port, HOST, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function explain(error: unknown, port: number): unknown {
  if (errorCode(error) === "EADDRINUSE") {
    return new StartupError(
      `METRICS_PORT ${port} is taken by another program: stop it, or set another METRICS_PORT.`,
    );
  }
  if (errorCode(error) === "EACCES") {
    return new StartupError(`METRICS_PORT ${port} needs more rights: set one above 1023.`);
  }
  return error;
}
