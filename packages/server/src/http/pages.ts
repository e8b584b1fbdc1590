import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { API_VERSION } from "./health.js";

/** Pages of the web client. Everything else is the API's. */
const PAGES = ["/r/:id", "/login", "/signup", "/settings", "/check", "/auth/verify", "/auth/magic-link"];

/** Files beside the page that have a fixed name, with their types. */
const FIXED = {
  "sw.js": "text/javascript; charset=utf-8",
  "manifest.webmanifest": "application/manifest+json",
  "icons/icon-192.png": "image/png",
  "icons/icon-512.png": "image/png",
  "icons/maskable-512.png": "image/png",
  "icons/apple-touch-180.png": "image/png",
};

/** The client draws pictures of any site and plays media; scripts and connections are its own. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data: blob:; " +
  "media-src 'self' http: https: blob:; connect-src 'self' ws: wss:; worker-src 'self'; font-src 'self'; " +
  "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** Under which name an HTTP server has its {@link UnknownPage}, when it has one. */
export const UNKNOWN_PAGE = "unknownPage";

/** Answers a browser whose address leads nowhere with a page that says so and leads on; `null` to all others. */
export type UnknownPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | null>;

/** Whether a reader asks for a page: browsers name `text/html`, API clients do not. */
function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? "").includes("text/html");
}

/** Serves the web client built into `webRoot`, `/` by what the reader accepts, and to a browser a page for what is not there. */
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
  const unknownPage: UnknownPage = async (request, reply) => {
    if (request.method !== "GET" || !wantsHtml(request)) return null;
    reply.header("vary", `${reply.getHeader("vary") ?? "Origin"}, Accept`);
    return await page(request, reply.code(404));
  };
  if (existsSync(index)) app.decorate(UNKNOWN_PAGE, unknownPage);
  for (const path of PAGES) app.get(path, { config }, async (request, reply) => await page(request, reply));
  if (!existsSync(webRoot)) return;

  await app.register(async (scope) => {
    scope.addHook("onRoute", (options) => {
      options.config = { ...options.config, ...config };
    });
    scope.addHook("onRequest", async (_request, reply) => {
      reply.header("vary", "Origin, Accept-Encoding");
    });
    await scope.register(fastifyStatic, {
      root: join(webRoot, "assets"),
      prefix: "/assets/",
      preCompressed: true,
      decorateReply: false,
      maxAge: "365d",
      immutable: true,
    });
  });
  for (const [name, type] of Object.entries(FIXED)) {
    const file = join(webRoot, name);
    if (!existsSync(file)) continue;
    // A worker that a cache keeps would keep an old client alive: it is asked for anew each time.
    const cache = name === "sw.js" ? "no-cache" : "public, max-age=3600";
    app.get(`/${name}`, { config }, async (_request, reply) => {
      return await reply
        .type(type)
        .header("cache-control", cache)
        .send(await readFile(file));
    });
  }
}
