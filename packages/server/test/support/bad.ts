import { errorEntry, isErrorCode } from "@parlor/protocol";
import { expect } from "vitest";
import { makeGuest, makeRoom, newId, openSocket, request } from "./client.js";
import type { RawAnswer } from "./raw.js";
import type { TestServer } from "./server.js";

/** JSON so deep that a recursive reader would fall over it. */
export const DEEP = "[".repeat(10_000) + "]".repeat(10_000);
/** What PostgreSQL cannot store, and what hides in a line. */
export const NASTY = "a\0b\ud800c\udc00d\u2028\u202e";
/** Ids in a path that nobody may have. */
export const BAD_IDS = [
  "%00",
  "a%00b",
  "..%2f..%2fetc%2fpasswd",
  "%2e%2e%2f",
  "a%20b",
  "%",
  "%ED%A0%80",
  "%F0%9F%98%80",
  "x".repeat(300),
  "a'--",
  "%3Cscript%3E",
  "__proto__",
  "constructor",
];
/** Values of a query, `{name}` being its name. */
export const BAD_QUERY = [
  "%00",
  "%ED%A0%80",
  "%",
  "1e999",
  "-99999999999999999999",
  "9".repeat(400),
  "x".repeat(3_000),
  "&{name}=1&{name}=2",
  "[]=1",
  "__proto__[x]=1",
];

/** The answer is one that the contract knows: no 5xx but for what is not set up, errors as JSON of the catalogue. */
export function expectKnown(what: string, answer: RawAnswer): number {
  const { status, text } = answer;
  const about = `${what} -> ${status} ${text.slice(0, 200)}`;
  if (status < 400) return status;
  expect(answer.headers["content-type"], about).toBe("application/json; charset=utf-8");
  const { detail, code } = JSON.parse(text);
  expect(typeof detail, about).toBe("string");
  if (!isErrorCode(code)) throw new Error(`unknown code: ${about}`);
  expect(errorEntry(code).status, about).toBe(status);
  if (status >= 500) expect(["not_configured", "no_mailer"], about).toContain(code);
  return status;
}

/** Sends all, a few at a time, each judged by `judge`. */
export async function inTurns<T>(list: readonly T[], judge: (one: T) => Promise<void>): Promise<void> {
  for (let n = 0; n < list.length; n += 6) await Promise.all(list.slice(n, n + 6).map(judge));
}

/** The server is healthy, and a normal message flows. */
export async function expectWorking(server: TestServer): Promise<void> {
  const health = await request(server, "GET", "/health");
  expect([health.status, health.json.status]).toEqual([200, "healthy"]);
  const person = await makeGuest(server, `worker-${newId()}`);
  const socket = await openSocket(server, await makeRoom(server), person.id, { cookie: person.cookie });
  socket.send({ content: "still works" });
  await socket.next("message");
  await socket.close();
  // Nothing of what was sent became a property of every object.
  expect(Reflect.get({}, "polluted")).toBeUndefined();
}
