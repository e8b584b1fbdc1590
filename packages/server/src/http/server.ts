import multipart from "@fastify/multipart";
import { type ErrorCode, errorEntry, LIMITS, ParlorError } from "@parlor/protocol";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { withBase } from "../base-address.js";
import { toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { Caller } from "../users/caller.js";
import { baseOf, ipOf } from "./address.js";
import { readCookie } from "./cookie.js";
import type { Identify } from "./identify.js";
import { UpgradableMessage } from "./incoming.js";
import type { RateLimits } from "./limits.js";
import { UNKNOWN_PAGE, type UnknownPage } from "./pages.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sends the request, as far as it proves. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /** The route asks nobody who they are, and answers also while the database is away. */
    anonymous?: boolean;
    /** The route reads a form, not JSON. */
    form?: boolean;
  }
}

const METHODS = "GET,POST,PUT,PATCH,DELETE,OPTIONS";
const ALLOWED_HEADERS =
  "Authorization,Content-Type,Accept,X-User-Id,Idempotency-Key,If-None-Match,Upload-Offset";
const EXPOSED_HEADERS =
  "ETag, X-Next-After, X-Epoch, Upload-Offset, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
/** Monitors ask for the first two every second; a page of faces asks for many files at once and for good. */
const UNLIMITED = /^\/($|health$|sw\.js$|manifest\.webmanifest$|icons\/|assets\/|avatars\/[0-9a-f]{32}-)/;
/** Milliseconds in which a request's body must have arrived. */
const BODY_WITHIN = 150_000;
/** Media types whose text is JSON, beside `application/json`. */
const JSON_LIKE = /^application\/[\w.+-]+\+json\b/i;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? request.url;
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** The HTTP edge: CORS, quotas, the caller, errors. Routes are registered by the features. */
export async function createHttpServer(parts: {
  identify: Identify;
  limits: RateLimits;
  log: Logger;
}): Promise<FastifyInstance> {
  const { identify, limits, log } = parts;
  const app = Fastify({
    logger: false,
    http: { IncomingMessage: UpgradableMessage },
    bodyLimit: LIMITS.bodyBytes,
    forceCloseConnections: true,
    requestTimeout: BODY_WITHIN,
    // Room ids of two people are long, and ids arrive percent-encoded.
    routerOptions: { maxParamLength: 2_000, ignoreTrailingSlash: true },
    // Addresses that cannot be read come here without passing a hook.
    frameworkErrors: (error, request, reply) => {
      setEdgeHeaders(request, reply, identify);
      return sendError(request, reply, fromFramework(error, log));
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(unreadable(error));
      else socket.destroy();
    },
  });
  const known: { methods: readonly string[]; pattern: RegExp }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    const pattern = url
      .replace(/[.+()]/g, "\\$&")
      .replace(/:\w+/g, "[^/]+")
      .replace(/\*/g, ".*");
    known.push({ methods: [method].flat(), pattern: new RegExp(`^${pattern}/?$`) });
  });

  app.removeAllContentTypeParsers();
  for (const type of ["application/json", JSON_LIKE]) {
    app.addContentTypeParser(type, { parseAs: "string" }, (_request, body, done) => {
      try {
        done(null, body === "" ? undefined : JSON.parse(String(body)));
      } catch {
        done(new ParlorError("invalid_json"));
      }
    });
  }
  // A parser of any type keeps routes without a body usable by clients that name one.
  app.addContentTypeParser("*", (request, payload, done) => {
    payload.resume();
    done(hasBody(request) ? new ParlorError("unsupported_media") : null);
  });
  await app.register(multipart, {
    limits: { fileSize: LIMITS.avatarBytes, files: 6, fields: 20, parts: 26 },
  });
  app.decorateRequest("caller");

  app.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request);
    // The seeds' stack takes a body without a type for JSON.
    if (hasBody(request) && !request.routeOptions.config.form)
      request.headers["content-type"] ??= "application/json";
    const { origin, allowed } = setEdgeHeaders(request, reply, identify);
    if (request.method === "OPTIONS") return await answerPreflight(origin, allowed, reply);
    if (limits.enabled && !(SAFE.has(request.method) && UNLIMITED.test(path))) {
      const { headers, refused } = limits.request(ipOf(request.raw, identify.address));
      reply.headers(headers);
      if (refused) throw refused;
    }
    const foreign = origin !== undefined && !allowed;
    if (foreign && !SAFE.has(request.method) && readCookie(request.headers, identify.cookieName) !== null) {
      throw new ParlorError("origin_not_allowed");
    }
  });

  // After routing, so that pages and unknown paths cost no query.
  app.addHook("preValidation", async (request) => {
    if (request.is404 || request.routeOptions.config.anonymous) return;
    request.caller = await identify.caller(request.raw);
  });

  app.addHook("onSend", async (request, reply, payload) => {
    const cookie = request.caller ? identify.setCookie(request.caller) : null;
    if (cookie !== null) reply.header("set-cookie", cookie);
    if (typeof payload !== "string") return payload;
    return withBase(payload, request.caller?.base ?? baseOf(request.raw, identify.address));
  });

  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request);
    const fitting = known.filter(({ pattern }) => pattern.test(path));
    const allow = [...new Set(fitting.flatMap(({ methods }) => methods))];
    if (allow.length === 0 && app.hasDecorator(UNKNOWN_PAGE)) {
      const answered = await app.getDecorator<UnknownPage>(UNKNOWN_PAGE)(request, reply);
      if (answered) return answered;
    }
    // A file that is not there has a path and method that fit.
    if (allow.length === 0 || allow.includes(request.method)) throw new ParlorError("not_found");
    reply.header("allow", allow.join(", "));
    throw new ParlorError("method_not_allowed");
  });
  app.setErrorHandler((error, request, reply) => sendError(request, reply, fromFramework(error, log)));
  return app;
}

/** Headers of every answer, errors too; answers whether the `Origin` is allowed. */
function setEdgeHeaders(request: FastifyRequest, reply: FastifyReply, identify: Identify) {
  const { origin } = request.headers;
  const path = pathOf(request);
  reply.header("cache-control", path.startsWith("/auth/") ? "no-store" : "private, no-cache");
  const vary = "Origin, Cookie, Authorization";
  reply.header("vary", path === "/" ? `${vary}, Accept` : vary);
  reply.header("x-content-type-options", "nosniff");
  const allowed = identify.origins.allows(origin, baseOf(request.raw, identify.address));
  if (origin !== undefined && allowed) {
    reply.header("access-control-allow-origin", origin);
    reply.header("access-control-allow-credentials", "true");
    reply.header("access-control-expose-headers", EXPOSED_HEADERS);
  }
  return { origin, allowed };
}

/** Why a request never became one: status and words by Node's code. */
const UNREADABLE: Record<string, readonly [status: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "The headers are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request took too long to arrive."],
};

/** The whole answer to bytes that are no HTTP request, too many of them, or too few for too long. */
function unreadable(error: Error & { code?: string }): string {
  const fallback = ["400 Bad Request", "This is not an HTTP request."] as const;
  const [status, detail] = UNREADABLE[error.code ?? ""] ?? fallback;
  const body = JSON.stringify({ detail, code: "invalid_request", retry: false });
  return (
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

async function answerPreflight(origin: string | undefined, allowed: boolean, reply: FastifyReply) {
  if (origin !== undefined && !allowed) throw new ParlorError("origin_not_allowed");
  if (origin !== undefined) {
    reply.header("access-control-allow-methods", METHODS);
    reply.header("access-control-allow-headers", ALLOWED_HEADERS);
    reply.header("access-control-max-age", "600");
  }
  return await reply.header("allow", METHODS).code(204).send();
}

/** Fastify's own refusals, by status; what is not one of them was ours or is unknown. */
const FRAMEWORK: Record<number, ErrorCode> = {
  400: "invalid_request",
  404: "not_found",
  413: "body_too_large",
  414: "invalid_request",
  415: "unsupported_media",
};

function fromFramework(error: unknown, log: Logger): ParlorError {
  const known = toParlorError(error);
  if (known.code !== "internal") return known;
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  const code = FRAMEWORK[status];
  if (code) return new ParlorError(code);
  if (status < 500) return new ParlorError("invalid_request");
  log.error({ err: known.cause ?? known }, "request failed");
  return new ParlorError("internal");
}

function sendError(_request: FastifyRequest, reply: FastifyReply, error: ParlorError): FastifyReply {
  const entry = errorEntry(error.code);
  if (error.retryAfter !== undefined || entry.status === 429 || entry.status === 503) {
    reply.header("retry-after", String(Math.max(1, Math.ceil((error.retryAfter ?? 1_000) / 1000))));
  }
  return reply
    .code(entry.status)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify({ detail: error.message, code: error.code, retry: entry.retry }));
}
