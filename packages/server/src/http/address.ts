import type { IncomingMessage } from "node:http";

/** What the address of a request depends on. */
export interface AddressConfig {
  readonly publicUrl?: string | undefined;
  readonly trustProxy: boolean;
  readonly port: number;
}

const HOST = /^[A-Za-z0-9.:[\]_-]{1,255}$/;

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(",") : header;
  return text?.split(",").at(-1)?.trim() || undefined;
}

/** The address that the reader used, without a slash at its end: `PUBLIC_URL`, else scheme and host of the request. */
export function baseOf(request: IncomingMessage, config: AddressConfig): string {
  if (config.publicUrl) return config.publicUrl;
  const { headers } = request;
  const forwardedHost = config.trustProxy ? lastOf(headers["x-forwarded-host"]) : undefined;
  const forwardedScheme = config.trustProxy ? lastOf(headers["x-forwarded-proto"]) : undefined;
  const host = forwardedHost ?? headers.host ?? "";
  const scheme = forwardedScheme === "https" || forwardedScheme === "wss" ? "https" : "http";
  return HOST.test(host) ? `${scheme}://${host}` : `http://localhost:${config.port}`;
}

/**
 * The client's address for rate limits. Behind a proxy it is the last entry of `X-Forwarded-For`, the one that the
 * nearest proxy wrote: those before it are the client's own words. IPv6 counts by its /64, which one person has whole.
 */
export function ipOf(request: IncomingMessage, config: AddressConfig): string {
  const forwarded = config.trustProxy ? lastOf(request.headers["x-forwarded-for"]) : undefined;
  const ip = (forwarded ?? request.socket.remoteAddress ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "");
  if (!ip.includes(":")) return ip.slice(0, 64);
  return ipv6Prefix(ip);
}

function ipv6Prefix(ip: string): string {
  const [head = "", tail] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
