import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { registerAvatarRoutes } from "./avatars/routes.js";
import { createAvatars } from "./avatars/service.js";
import { createMemoryBus } from "./bus/memory.js";
import { createIce } from "./calls/ice.js";
import { createJanus } from "./calls/janus/provider.js";
import { createMesh } from "./calls/mesh.js";
import { registerCallRoutes } from "./calls/routes.js";
import { createCalls } from "./calls/service.js";
import type { Config } from "./config.js";
import type { Database } from "./db/database.js";
import { throughTrouble } from "./db/patience.js";
import { registerDirectRoutes } from "./direct/routes.js";
import { createDirect } from "./direct/service.js";
import { registerFileRoutes } from "./files/routes.js";
import { createFiles } from "./files/service.js";
import { registerDocs } from "./http/docs.js";
import { registerHealthRoutes } from "./http/health.js";
import { createIdentify } from "./http/identify.js";
import { createRateLimits } from "./http/limits.js";
import { createOriginPolicy } from "./http/origin.js";
import { registerPages } from "./http/pages.js";
import { createHttpServer } from "./http/server.js";
import { registerLegacyRoutes } from "./legacy/routes.js";
import { createLoadMeter } from "./load-meter.js";
import type { Logger } from "./log.js";
import { createRoomRemoval } from "./messages/removal.js";
import { registerMessageRoutes } from "./messages/routes.js";
import { registerExportRoutes } from "./messages/routes-export.js";
import { registerFoundRoutes } from "./messages/routes-found.js";
import { registerSearchRoutes } from "./messages/routes-search.js";
import { startIndexer } from "./messages/search/indexer.js";
import { createSearch } from "./messages/search/service.js";
import { createMessages } from "./messages/service.js";
import { type MetricsEndpoint, serveMetrics } from "./metrics/endpoint.js";
import { noMetrics } from "./metrics/metrics.js";
import { createPrometheus } from "./metrics/prometheus.js";
import { registerReadingRoutes } from "./reading/routes.js";
import { createReading } from "./reading/service.js";
import { createHosting } from "./rooms/hosting.js";
import { registerRoomRoutes } from "./rooms/routes.js";
import { createRooms } from "./rooms/service.js";
import { createMailer } from "./sessions/mailer.js";
import { createPasswords } from "./sessions/password.js";
import { registerSessionRoutes } from "./sessions/routes.js";
import { createSessions } from "./sessions/service.js";
import { createSockets } from "./socket/sockets.js";
import { registerUserRoutes } from "./users/routes.js";
import { createUsers } from "./users/service.js";

/** How often expired sessions and files without a reference are looked for. */
const SWEEP_EVERY = 60 * 60 * 1000;

/**
 * What is under way when the server stops is waited for so many milliseconds, much less where the database does not
 * answer: nobody was told that it is done.
 */
const DRAIN_PATIENCE = 10_000;
const TROUBLED_PATIENCE = 1_000;

/** A server that is put together. */
export interface App {
  /** Begins to listen; answers where. */
  listen(): Promise<{ url: string; port: number; metricsPort?: number }>;
  /** Stops taking work, tells the clients to come back later, commits what was taken. */
  close(): Promise<void>;
}

/** Puts the parts of the server together. The only place that picks implementations. */
export async function createApp(parts: { config: Config; database: Database; log: Logger }): Promise<App> {
  const { config, database, log } = parts;
  const prometheus = config.metricsPort === undefined ? null : await createPrometheus();
  const metrics = prometheus ?? noMetrics;
  const load = createLoadMeter();
  const bus = createMemoryBus();
  const limits = createRateLimits(config.rateLimit);
  const passwords = createPasswords();
  const users = createUsers(database);
  const sessions = createSessions({ database, users, requireSession: config.requireSession });
  const presence = { onlineCount: (roomId: string): number => sockets.hub.onlineCount(roomId) };
  const rooms = createRooms({
    database,
    bus,
    users,
    sessions,
    passwords,
    presence,
    log,
    autoCreate: config.autoCreateRooms,
  });
  const hosting = createHosting({ database, bus, rooms, access: sessions });
  const messages = createMessages({ database, bus, users, rooms, metrics, load, log });
  const removal = createRoomRemoval({ database, rooms, hosting, messages, log });
  const reading = createReading({ database, users, presence });
  const files = createFiles({
    database,
    rooms,
    sessions,
    dataDir: config.dataDir,
    allowed: {
      fileBytes: config.fileBytes,
      dailyBytes: config.dailyFileBytes,
      storageBytes: config.storageBytes,
    },
    log,
  });
  const calls = createCalls({
    database,
    bus,
    users,
    rooms,
    messages,
    files,
    recording: config.recording,
    provider: createMesh(),
    larger: config.janus ? createJanus({ config: config.janus, log }) : null,
    limited: limits.enabled,
    log,
  });
  const direct = createDirect({ users, rooms, messages, reading });
  const avatars = createAvatars({ database, users, dataDir: config.dataDir, log });
  const mailer = config.smtpUrl ? createMailer(config.smtpUrl, config.mailFrom) : null;
  const address = { publicUrl: config.publicUrl, trustProxy: config.trustProxy, port: config.port };
  const origins = createOriginPolicy([
    ...config.allowedOrigins,
    ...(config.publicUrl ? [new URL(config.publicUrl).origin] : []),
  ]);
  const cookieName = await throughTrouble(log, () => sessions.cookieName());
  const identify = createIdentify({ sessions, cookieName, address, origins });
  const sockets = createSockets({
    sql: database.sql,
    bus,
    users,
    sessions,
    rooms,
    messages,
    direct,
    reading,
    calls,
    identify,
    limits,
    strictOrigin: config.strictOrigin,
    metrics,
    load,
    log,
  });
  prometheus?.watch({
    connections: () => sockets.hub.size,
    rooms: () => sockets.hub.roomCount,
    unsentBytes: sockets.unsentBytes,
  });
  let endpoint: MetricsEndpoint | null = null;

  const http = await createHttpServer({ identify, limits, log });
  const vitals = {
    connections: () => sockets.hub.size,
    trouble: () => database.check(),
    counts: async () => ({ ...(await rooms.counts()), users: await users.count() }),
  };
  const linkBase = config.publicUrl ?? `http://localhost:${config.port}`;
  registerHealthRoutes(http, { vitals, environment: config.environment });
  await registerDocs(http);
  await registerPages(http, fileURLToPath(new URL("../../web/dist", import.meta.url)));
  registerUserRoutes(http, { users, access: sessions, isConnected: sockets.isConnected });
  registerSessionRoutes(http, { users, sessions, passwords, limits, mailer, origins, linkBase, log });
  registerRoomRoutes(http, { rooms, hosting, limits, log });
  registerMessageRoutes(http, { rooms, messages, removal, access: sessions, limits });
  registerSearchRoutes(http, { rooms, search: createSearch({ database, users }), limits });
  registerExportRoutes(http, { database, users, rooms, access: sessions, limits });
  registerFoundRoutes(http, { rooms, messages, access: sessions });
  registerAvatarRoutes(http, { avatars, access: sessions, limits });
  registerReadingRoutes(http, { reading, rooms, access: sessions });
  registerDirectRoutes(http, { direct, access: sessions });
  await registerFileRoutes(http, { files, rooms, access: sessions, limits });
  registerCallRoutes(http, { calls, rooms, access: sessions, ice: createIce(config.turn) });
  registerLegacyRoutes(http);
  sockets.attach(http.server);

  const indexer = startIndexer({ sql: database.sql, bus, log });
  void removal.sweep();
  const sweep = setInterval(() => {
    void removal.sweep();
    sessions.sweep().catch((err: unknown) => log.warn({ err }, "expired sessions were not swept"));
    avatars.sweep(Date.now()).catch((err: unknown) => log.warn({ err }, "unused avatars were not swept"));
    files.sweep(Date.now()).catch((err: unknown) => log.warn({ err }, "unused files were not swept"));
    calls.sweep(Date.now()).catch((err: unknown) => log.warn({ err }, "old recordings were not swept"));
  }, SWEEP_EVERY);
  sweep.unref();

  return {
    async listen() {
      await sockets.expectReturn();
      await http.listen({ port: config.port, host: config.host });
      const { port } = http.server.address() as AddressInfo;
      const url = config.publicUrl ?? `http://localhost:${port}`;
      if (!prometheus || config.metricsPort === undefined) return { url, port };
      endpoint = await serveMetrics(prometheus, config.metricsPort);
      log.info({ port: endpoint.port }, "metrics are served");
      return { url, port, metricsPort: endpoint.port };
    },
    async close() {
      clearInterval(sweep);
      sockets.stop();
      const patience = (await database.check()) === null ? DRAIN_PATIENCE : TROUBLED_PATIENCE;
      await atMost(patience, Promise.all([messages.drain(), indexer.stop(), removal.close()]));
      const callsClosed = calls.close();
      await sockets.close();
      load.stop();
      await atMost(TROUBLED_PATIENCE, callsClosed);
      await atMost(patience, http.close());
      await endpoint?.close();
      mailer?.close();
    },
  };
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
