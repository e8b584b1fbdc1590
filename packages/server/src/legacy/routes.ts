import { ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { route } from "../http/route.js";

/** Routes of the seeds' backend whose providers Parlor does not have: empty lists, and a clear 503. */
export function registerLegacyRoutes(app: FastifyInstance): void {
  const refuse = (what: string) => async () => {
    throw new ParlorError("not_configured", `${what} is not set up on this server.`);
  };
  route(app, "listLiveStreams", async () => []);
  route(app, "listVideos", async () => []);
  route(app, "createLiveStream", refuse("Live streaming through a provider"));
  route(app, "createVideoUpload", refuse("Video upload to a provider"));
  route(app, "assistantChat", refuse("The assistant"));
  route(app, "assistantStreamChat", refuse("The assistant"));
  route(app, "assistantStreamGenerate", refuse("The assistant"));
  route(app, "assistantHealth", async () => ({
    status: "disabled",
    claude_enabled: false,
    services: { chat: "disabled", streaming: "disabled" },
  }));
}
