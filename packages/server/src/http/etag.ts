import type { FastifyRequest } from "fastify";

/** Whether the reader has what a tag names: any of a list, weakly compared (RFC 9110 §13.1.2). */
export function hasTag(request: FastifyRequest, etag: string): boolean {
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  const known = (request.headers["if-none-match"] ?? "").split(",").map(strong);
  return known.includes(strong(etag)) || known.includes("*");
}
