import { type Endpoint, type EndpointName, endpoints, ParlorError } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type * as z from "zod/mini";
import type { Caller } from "../users/caller.js";

/** What a handler of a route gets: all validated. */
export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Output<S> = S extends z.ZodMiniType ? z.output<S> : undefined;
type InputOf<E> =
  E extends Endpoint<infer P, infer Q, infer B> ? RouteInput<Output<P>, Output<Q>, Output<B>> : never;
type ReplyOf<E> = E extends Endpoint<infer _P, infer _Q, infer _B, infer R> ? z.input<R> : never;

/** The handler of a route of the table. */
export type Handler<N extends EndpointName> = (
  input: InputOf<(typeof endpoints)[N]>,
) => Promise<ReplyOf<(typeof endpoints)[N]> | NotModified | typeof SENT>;

/** Answers 304 without a body. */
export const NOT_MODIFIED = Symbol("304");
export type NotModified = typeof NOT_MODIFIED;

/** The handler has sent the answer itself: bytes instead of JSON. */
export const SENT = Symbol("sent");

function parse(schema: z.ZodMiniType, value: unknown, place: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const words = result.error.issues
    .slice(0, 5)
    .map((issue) => `${[place, ...issue.path].join(".")}: ${issue.message}`);
  throw new ParlorError("invalid_request", words.join("; "));
}

/** Registers a route of the contract's table, with its aliases: validates, calls, encodes. */
export function route<N extends EndpointName>(
  app: FastifyInstance,
  name: N,
  handler: Handler<N>,
  config: { anonymous?: boolean } = {},
): void {
  // The table's entries have different type parameters; the handler's type was checked against its own entry.
  const endpoint = endpoints[name] as unknown as Endpoint;
  const call = handler as unknown as (input: RouteInput<unknown, unknown, unknown>) => Promise<unknown>;
  for (const { method, path } of [endpoint, ...endpoint.aliases]) {
    app.route({
      method,
      url: path.replace(/\{(\w+)\}/g, ":$1"),
      config: { ...config, form: endpoint.multipart !== null },
      handler: async (request, reply) => {
        // A form is left to the routes that read one; to the others it would look like no body at all.
        if (request.isMultipart() && endpoint.body) throw new ParlorError("unsupported_media");
        const result = await call({
          params: parse(endpoint.params, request.params, "path"),
          query: parse(endpoint.query, request.query, "query"),
          body: endpoint.body ? parse(endpoint.body, request.body ?? {}, "body") : undefined,
          caller: request.caller,
          request,
          reply,
        });
        if (result === NOT_MODIFIED) return await reply.code(304).send();
        if (result === SENT || reply.sent) return reply;
        return await reply.type("application/json; charset=utf-8").send(JSON.stringify(result));
      },
    });
  }
}
