import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import { openApiDocument } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply } from "fastify";
import { API_VERSION } from "./health.js";

const require = createRequire(import.meta.url);
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "worker-src 'self' blob:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

const SWAGGER_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Parlor API</title>
<link rel="stylesheet" href="/docs/static/swagger-ui.css">
</head>
<body><div id="swagger-ui"></div>
<script src="/docs/static/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const SWAGGER_START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true });\n`;
const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Parlor API</title>
<style>body { margin: 0 }</style></head>
<body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.js"></script></body>
</html>
`;

/** `/openapi.json`, `/docs` and `/redoc`, all served from here: no other host is asked for anything. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  const config = { anonymous: true };
  const document = JSON.stringify(openApiDocument({ version: API_VERSION }));
  const html = (reply: FastifyReply, page: string) =>
    reply.type("text/html; charset=utf-8").header("content-security-policy", CSP).send(page);
  const script = (reply: FastifyReply, code: string) =>
    reply.type("text/javascript; charset=utf-8").header("cache-control", "public, max-age=3600").send(code);

  app.get("/openapi.json", { config }, (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(document),
  );
  app.get("/docs", { config }, (_request, reply) => html(reply, SWAGGER_PAGE));
  app.get("/docs/start.js", { config }, (_request, reply) => script(reply, SWAGGER_START));
  app.get("/redoc", { config }, (_request, reply) => html(reply, REDOC_PAGE));
  const redoc = require.resolve("redoc/bundles/redoc.standalone.js");
  app.get("/redoc/redoc.js", { config }, async (_request, reply) =>
    script(reply, await readFile(redoc, "utf8")),
  );
  await app.register(async (scope) => {
    scope.addHook("onRoute", (options) => {
      options.config = { ...options.config, ...config };
    });
    await scope.register(fastifyStatic, {
      root: dirname(require.resolve("swagger-ui-dist/package.json")),
      prefix: "/docs/static/",
      decorateReply: false,
      allowedPath: (path) => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(path),
    });
  });
}
