import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { registerAvatarRoutes } from "./avatars/routes.js";
import { createAvatars } from "./avatars/service.js";
import { createMemoryBus } from "./bus/memory.js";
import type { Config } from "./config.js";
import type { Database } from "./db/database.js";
import { createDirect } from "./direct/service.js";
import { registerDocs } from "./http/docs.js";
import { registerHealthRoutes } from "./http/health.js";
import { createIdentify } from "./http/identify.js";
import { createRateLimits } from "./http/limits.js";
import { createOriginPolicy } from "./http/origin.js";
import { registerPages } from "./http/pages.js";
import { createHttpServer } from "./http/server.js";
import { registerLegacyRoutes } from "./legacy/routes.js";
import type { Logger } from "./log.js";
import { registerMessageRoutes } from "./messages/routes.js";
import { createMessages } from "./messages/service.js";
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

/** A server that is put together. */
export interface App {
  /** Begins to listen; answers where. */
  listen(): Promise<{ url: string; port: number }>;
  /** Stops taking work, tells the clients to come back later, commits what was taken. */
  close(): Promise<void>;
}

/** Puts the parts of the server together. The only place that picks implementations. */
export async function createApp(parts: { config: Config; database: Database; log: Logger }): Promise<App> {
  const { config, database, log } = parts;
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
  const messages = createMessages({ database, bus, users, rooms, log });
  const direct = createDirect({ users, rooms, messages });
  const avatars = createAvatars({ database, users, dataDir: config.dataDir, log });
  const mailer = config.smtpUrl ? createMailer(config.smtpUrl, config.mailFrom) : null;
  const address = { publicUrl: config.publicUrl, trustProxy: config.trustProxy, port: config.port };
  const origins = createOriginPolicy([
    ...config.allowedOrigins,
    ...(config.publicUrl ? [new URL(config.publicUrl).origin] : []),
  ]);
  const identify = createIdentify({ sessions, cookieName: await sessions.cookieName(), address, origins });
  const sockets = createSockets({
    bus,
    users,
    sessions,
    rooms,
    messages,
    direct,
    identify,
    limits,
    strictOrigin: config.strictOrigin,
    log,
  });

  const http = await createHttpServer({ identify, limits, log });
  const vitals = {
    connections: () => sockets.hub.size,
    counts: async () => ({ ...(await rooms.counts()), users: await users.count() }),
  };
  const linkBase = config.publicUrl ?? `http://localhost:${config.port}`;
  registerHealthRoutes(http, { vitals, environment: config.environment, log });
  await registerDocs(http);
  await registerPages(http, fileURLToPath(new URL("../../web/dist", import.meta.url)));
  registerUserRoutes(http, { users, access: sessions });
  registerSessionRoutes(http, { users, sessions, passwords, limits, mailer, origins, linkBase, log });
  registerRoomRoutes(http, { rooms, limits, log });
  registerMessageRoutes(http, { rooms, messages, access: sessions, limits });
  registerAvatarRoutes(http, { avatars, access: sessions, limits });
  registerLegacyRoutes(http);
  sockets.attach(http.server);

  const sweep = setInterval(() => {
    sessions.sweep().catch((err: unknown) => log.warn({ err }, "expired sessions were not swept"));
    avatars.sweep(Date.now()).catch((err: unknown) => log.warn({ err }, "unused avatars were not swept"));
  }, SWEEP_EVERY);
  sweep.unref();

  return {
    async listen() {
      await http.listen({ port: config.port, host: config.host });
      const { port } = http.server.address() as AddressInfo;
      return { url: config.publicUrl ?? `http://localhost:${port}`, port };
    },
    async close() {
      clearInterval(sweep);
      sockets.stop();
      await messages.drain();
      await sockets.close();
      await http.close();
      mailer?.close();
    },
  };
}
