import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { API_VERSION } from "./health.js";

/** Pages of the web client. Everything else is the API's. */
const PAGES = ["/r/:id", "/login", "/signup", "/settings", "/auth/verify", "/auth/magic-link"];

/** The client draws pictures of any site and plays media; scripts and connections are its own. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data: blob:; " +
  "media-src 'self' http: https: blob:; connect-src 'self' ws: wss:; worker-src 'self'; font-src 'self'; " +
  "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** Whether a reader asks for a page: browsers name `text/html`, API clients do not. */
function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? "").includes("text/html");
}

/** Serves the web client built into `webRoot`, and `/` by what the reader accepts. */
export async function registerPages(app: FastifyInstance, webRoot: string): Promise<void> {
  const config = { anonymous: true };
  const index = join(webRoot, "index.html");

  async function page(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const html = await readFile(index, "utf8").catch(() => null);
    if (html === null) {
      return await reply
        .code(503)
        .type("text/plain; charset=utf-8")
        .send("The web client is not built yet. Run: npm run build\n");
    }
    // Addresses of sign-in links stay out of every cache; the hook has said so.
    if (!request.url.startsWith("/auth/")) reply.header("cache-control", "no-cache");
    return await reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", CSP)
      .header("referrer-policy", "same-origin")
      .send(html);
  }

  app.get("/", { config }, async (request, reply) => {
    if (wantsHtml(request)) return await page(request, reply);
    const time = new Date().toISOString();
    const body = {
      status: "ok",
      message: "Parlor is running",
      version: API_VERSION,
      docs: "/docs",
      health: "/health",
      time,
    };
    return await reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
  });
  for (const path of PAGES) app.get(path, { config }, async (request, reply) => await page(request, reply));
  if (!existsSync(webRoot)) return;

  await app.register(async (scope) => {
    scope.addHook("onRoute", (options) => {
      options.config = { ...options.config, ...config };
    });
    await scope.register(fastifyStatic, {
      root: join(webRoot, "assets"),
      prefix: "/assets/",
      decorateReply: false,
      maxAge: "365d",
      immutable: true,
    });
  });
  // The few files beside the page that have a fixed name.
  for (const name of ["favicon.svg", "theme-boot.js", "manifest.webmanifest"]) {
    const file = join(webRoot, name);
    if (!existsSync(file)) continue;
    const types: Record<string, string> = { svg: "image/svg+xml", js: "text/javascript; charset=utf-8" };
    const type = types[name.split(".").at(-1) ?? ""] ?? "application/manifest+json";
    app.get(`/${name}`, { config }, async (_request, reply) => {
      const content = await readFile(file, "utf8");
      return await reply.type(type).header("cache-control", "public, max-age=3600").send(content);
    });
  }
}
