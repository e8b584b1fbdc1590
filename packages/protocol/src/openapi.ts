import * as z from "zod/mini";
import type { Endpoint, Method } from "./endpoint.js";
import { endpoints } from "./endpoints.js";
import { type ErrorCode, errorEntry } from "./errors.js";

type Json = Record<string, unknown>;

/** Errors that any route can answer. */
const GENERAL: readonly ErrorCode[] = ["invalid_request", "rate_limited", "internal"];

const BYTES: Json = { type: "string", format: "binary" };

function jsonSchema(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
  });
  return rest;
}

function parameters(schema: z.ZodMiniType, place: "path" | "query"): Json[] {
  const object = jsonSchema(schema, "input");
  const required = new Set((object.required as string[] | undefined) ?? []);
  return Object.entries((object.properties as Record<string, Json> | undefined) ?? {}).map(
    ([name, property]) => ({
      name,
      in: place,
      required: place === "path" || required.has(name),
      schema: property,
    }),
  );
}

function requestBody(endpoint: Endpoint): Json | undefined {
  if (endpoint.bytes === "request") {
    return { required: true, content: { "application/offset+octet-stream": { schema: BYTES } } };
  }
  if (endpoint.multipart) {
    const properties = Object.fromEntries(
      endpoint.multipart.map((field) => [field, { type: "string", format: "binary" }]),
    );
    return { required: true, content: { "multipart/form-data": { schema: { type: "object", properties } } } };
  }
  if (!endpoint.body) return undefined;
  return { required: true, content: { "application/json": { schema: jsonSchema(endpoint.body, "input") } } };
}

function reply(endpoint: Endpoint): Json {
  if (endpoint.bytes === "reply") return { "*/*": { schema: BYTES } };
  return { "application/json": { schema: jsonSchema(endpoint.reply, "output") } };
}

function errorResponses(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorEntry(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [
        String(status),
        {
          description: list.map((code) => `\`${code}\`: ${errorEntry(code).detail}`).join("\n\n"),
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      ]),
  );
}

function operation(name: string, endpoint: Endpoint): Json {
  const body = requestBody(endpoint);
  return {
    operationId: name,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    parameters: [
      ...parameters(endpoint.params, "path"),
      ...parameters(endpoint.query, "query"),
      ...endpoint.headers.map(({ name, required, says }) => ({
        name,
        in: "header",
        required,
        description: says,
        schema: { type: "string" },
      })),
    ],
    ...(body ? { requestBody: body } : {}),
    responses: {
      "200": { description: "Done", content: reply(endpoint) },
      ...errorResponses([...endpoint.errors, ...GENERAL]),
    },
  };
}

/** The OpenAPI 3.1 document of every route, from the schemas that validate. */
export function openApiDocument(options: { version: string; serverUrl?: string }): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const add = (method: Method, path: string, value: Json) => {
    const item = paths[path] ?? {};
    item[method.toLowerCase()] = value;
    paths[path] = item;
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    add(endpoint.method, endpoint.path, operation(name, endpoint));
    endpoint.aliases.forEach((alias, index) => {
      add(alias.method, alias.path, operation(`${name}Alias${index + 1}`, endpoint));
    });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Parlor",
      version: options.version,
      description: "Chat rooms with video. The live side is a WebSocket at `/ws/{room_id}/{user_id}`.",
    },
    ...(options.serverUrl ? { servers: [{ url: options.serverUrl }] } : {}),
    paths,
    components: {
      schemas: {
        Error: {
          type: "object",
          required: ["detail", "code"],
          properties: {
            detail: { type: "string", description: "What happened and what to do" },
            code: { type: "string" },
            retry: { type: "boolean" },
          },
        },
      },
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { bearer: [] }],
  };
}
