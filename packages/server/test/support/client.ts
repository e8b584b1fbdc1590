import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { ServerFrame, ServerFrameOf } from "@parlor/protocol";
import { WebSocket } from "ws";

/** Longest wait for something that must come. */
const PATIENCE = 20_000;

/** An answer with its JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The tests look into whatever came; a schema would hide what is wrong with it.
  // biome-ignore lint/suspicious/noExplicitAny: an answer can be of any shape
  readonly json: any;
  readonly text: string;
  /** `name=value` of the device cookie that the answer set. */
  readonly cookie: string | null;
}

/** Options of a request. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly cookie?: string | null | undefined;
  readonly token?: string | undefined;
  readonly origin?: string | undefined;
}

/** Sends a request to a server, as a script without a cookie jar does. */
export async function request(
  server: { url: string },
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.cookie) headers.cookie = options.cookie;
  if (options.token) headers.authorization = `Bearer ${options.token}`;
  if (options.origin) headers.origin = options.origin;
  const { body } = options;
  const isRaw = typeof body === "string" || body instanceof FormData || body instanceof Uint8Array;
  const sent = isRaw ? (body as string | FormData | Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  if (body !== undefined && !(body instanceof FormData)) headers["content-type"] ??= "application/json";
  const response = await fetch(server.url + path, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? null;
  return { status: response.status, headers: response.headers, json, text, cookie };
}

/** A browser's person: keeps its cookie. */
export interface Person {
  readonly id: string;
  readonly name: string;
  cookie: string | null;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

/** Makes a guest that keeps its session. */
export async function makeGuest(server: { url: string }, name: string): Promise<Person> {
  const made = await request(server, "POST", "/users", { body: { username: name } });
  if (made.status !== 200) throw new Error(`no guest: ${made.text}`);
  return personOf(server, made.json.id, name, made.cookie);
}

/** A user whose requests carry its cookie. */
export function personOf(server: { url: string }, id: string, name: string, cookie: string | null): Person {
  const person: Person = {
    id,
    name,
    cookie,
    async request(method, path, options = {}) {
      const answer = await request(server, method, path, { cookie: person.cookie, ...options });
      if (answer.cookie) person.cookie = answer.cookie;
      return answer;
    },
  };
  return person;
}

/** A person with an account: keeps its cookie and its token, and sends both, as a browser of the seeds does. */
export interface Member extends Person {
  readonly token: string;
}

/** The password of {@link makeAccount}. */
export const PASSWORD = "correct horse";

/** Signs a new account up. */
export async function makeAccount(
  server: { url: string },
  name: string,
  options: RequestOptions & { email?: string } = {},
): Promise<Member> {
  const { email, ...sent } = options;
  const made = await request(server, "POST", "/auth/signup", {
    body: { username: name, password: PASSWORD, ...(email === undefined ? {} : { email }) },
    ...sent,
  });
  if (made.status !== 200) throw new Error(`no account: ${made.text}`);
  return memberOf(server, made, name);
}

/** The person of an answer to a signup, a login or a sign-in link. */
export function memberOf(server: { url: string }, answer: Answer, name: string): Member {
  const token: string = answer.json.token ?? answer.json.access_token;
  const person = personOf(server, answer.json.user.id, name, answer.cookie);
  return Object.assign(person, {
    token,
    request: async (method: string, path: string, options: RequestOptions = {}) => {
      const sent = await request(server, method, path, { cookie: person.cookie, token, ...options });
      if (sent.cookie) person.cookie = sent.cookie;
      return sent;
    },
  });
}

/** A name that no other test uses. */
export function newName(stem = "user"): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

/** Sends bytes as they are, where `fetch` would tidy the address up; answers what came until the end. */
export async function sendRaw(server: { port: number }, text: string): Promise<Answer> {
  const socket = connect(server.port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.write(text);
  let got = "";
  for await (const chunk of socket) got += chunk;
  const [head = "", body = ""] = got.split(/\r\n\r\n(.*)/s);
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(":")),
      line.slice(line.indexOf(":") + 2),
    ]),
  );
  const json = body.startsWith("{") || body.startsWith("[") ? JSON.parse(body) : undefined;
  return { status: Number(first.split(" ")[1]), headers, json, text: body, cookie: null };
}

/** Sends a request whose path goes over the wire exactly as it is written here. */
export async function requestPath(
  server: { port: number },
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const lines = Object.entries({ Host: "localhost", Connection: "close", ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return await sendRaw(server, `${method} ${path} HTTP/1.1\r\n${head}\r\n`);
}

/** Makes a room; answers its id. */
export async function makeRoom(
  server: { url: string },
  fields: Record<string, unknown> = {},
): Promise<string> {
  const made = await request(server, "POST", "/rooms", { body: { name: "Room", ...fields } });
  if (made.status !== 200) throw new Error(`no room: ${made.text}`);
  return made.json.id;
}

/** A WebSocket that keeps what it gets. */
export interface Socket {
  readonly ws: WebSocket;
  readonly frames: ServerFrame[];
  /** Headers of the 101. */
  readonly headers: Record<string, string | string[] | undefined>;
  send(frame: unknown): void;
  /** The first frame, seen or to come, that fits and was not taken yet. */
  next<T extends ServerFrame["type"]>(
    type: T,
    fits?: (frame: ServerFrameOf<T>) => boolean,
  ): Promise<ServerFrameOf<T>>;
  /** The close code. */
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

/** Options of a socket. */
export interface SocketOptions {
  readonly query?: Record<string, string | number>;
  readonly cookie?: string | null | undefined;
  readonly origin?: string | undefined;
  readonly protocols?: string[];
}

/** Thrown when the handshake is answered with something else than 101. */
export class HandshakeRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`handshake refused with ${status}`);
    this.status = status;
  }
}

/** Opens a socket of `/ws/{room}/{user}`. */
export async function openSocket(
  server: { wsUrl: string },
  roomId: string,
  userId: string,
  options: SocketOptions = {},
): Promise<Socket> {
  const query = new URLSearchParams(
    Object.entries(options.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const search = query.size > 0 ? `?${query}` : "";
  const headers: Record<string, string> = options.cookie ? { cookie: options.cookie } : {};
  const url = `${server.wsUrl}/ws/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}${search}`;
  const ws = new WebSocket(url, options.protocols ?? [], {
    headers,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  });
  const frames: ServerFrame[] = [];
  const taken = new Set<ServerFrame>();
  const waiting = new Set<() => void>();
  let upgrade: Record<string, string | string[] | undefined> = {};
  ws.on("upgrade", (response) => {
    upgrade = response.headers;
  });
  ws.on("message", (data) => {
    frames.push(JSON.parse(String(data)) as ServerFrame);
    for (const look of [...waiting]) look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    ws.once("open", resolve);
    ws.once("error", reject);
    ws.once("unexpected-response", (_request, response) =>
      reject(new HandshakeRefused(response.statusCode ?? 0)),
    );
  });
  ws.on("error", () => {});
  return {
    ws,
    frames,
    get headers() {
      return upgrade;
    },
    send: (frame) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    next(type, fits = () => true) {
      type Wanted = ServerFrameOf<typeof type>;
      const find = () =>
        frames.find((frame): frame is Wanted => {
          return frame.type === type && !taken.has(frame) && fits(frame as Wanted);
        });
      return new Promise((resolve, reject) => {
        const look = () => {
          const frame = find();
          if (!frame) return;
          taken.add(frame);
          clearTimeout(timer);
          waiting.delete(look);
          resolve(frame);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${type} came; had ${frames.map((frame) => frame.type).join(", ")}`));
        }, PATIENCE);
        waiting.add(look);
        look();
      });
    },
    closed,
    async close() {
      ws.close();
      await closed;
    },
  };
}

/** Waits for a condition. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patience = PATIENCE,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** An id that no user has yet. */
export function newId(): string {
  return randomUUID();
}
