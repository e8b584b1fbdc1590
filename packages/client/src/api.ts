import {
  type Attachment,
  type AvatarSize,
  type EndpointName,
  type ErrorCode,
  type endpoints,
  isErrorCode,
  type Message,
  OFFSET_HEADER,
  ParlorError,
  type Upload,
} from "@parlor/protocol";
import { ROUTES, type Route } from "./routes.js";
import type { UploadOptions } from "./upload.js";

type Table = typeof endpoints;

/** The type that a schema takes before it is checked, without importing the schema library. */
type InputOf<S> = S extends { _zod: { input: infer I } } ? I : never;
type OutputOf<S> = S extends { _zod: { output: infer O } } ? O : never;

/** A query as a caller writes it: numbers may stay numbers. */
type Loose<Q> = { [K in keyof Q]: Q[K] | (string extends Q[K] ? number : never) };

/** A part that has no required field may be left out. */
type Part<K extends string, T> = [T] extends [never]
  ? unknown
  : Record<string, never> extends T
    ? { readonly [P in K]?: T }
    : { readonly [P in K]: T };

/** What a call of one route takes: its `params`, `query` and `body`, and how to make the request. */
export type CallInput<N extends EndpointName> = Part<"params", InputOf<Table[N]["params"]>> &
  Part<"query", Loose<InputOf<Table[N]["query"]>>> &
  Part<"body", InputOf<NonNullable<Table[N]["body"]>>> & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
    /** The request goes on when the page that made it is left (browsers bound such bodies to 64 KiB together). */
    readonly keepalive?: boolean;
  };

/** What a route answers. */
export type CallReply<N extends EndpointName> = OutputOf<Table[N]["reply"]>;

type CallArguments<N extends EndpointName> =
  Record<string, never> extends CallInput<N> ? [input?: CallInput<N>] : [input: CallInput<N>];

/** A page of a room's history with the cursor to ask with next. */
export interface MessagePage {
  readonly messages: Message[];
  /** `X-Next-After`: the number up to which this answer is complete. Not a cursor on a page asked with `before`. */
  readonly nextAfter: number;
  /** `X-Epoch`: renewed when the server restored a backup; `null` where the server did not say it. */
  readonly epoch: string | null;
}

/** Query of {@link Api.fetchMessages}. */
export type MessageQuery = NonNullable<CallInput<"listMessages">["query"]>;

/** The server's REST routes, typed from the protocol's table. */
export interface Api {
  /** Address of the server, without a slash at its end. */
  readonly url: string;
  /** The session's token, if this client holds one. */
  token(): string | null;
  /** Calls a route by its name. Throws a {@link ParlorError} with a code of the catalogue. */
  call<N extends EndpointName>(name: N, ...input: CallArguments<N>): Promise<CallReply<N>>;
  /** Reads a page of a room's history together with its cursor. */
  fetchMessages(roomId: string, query?: MessageQuery, signal?: AbortSignal): Promise<MessagePage>;
  /** Uploads the four sizes of an avatar; one that is missing is made by the server. */
  uploadAvatar(
    userId: string,
    pictures: Readonly<Partial<Record<AvatarSize, Blob>>>,
  ): Promise<CallReply<"uploadAvatar">>;
  /**
   * Uploads a file for a message in a room, in chunks, and goes on after cuts; answers what it became. Its `id` goes
   * with the message: `room.send(text, { attachments: [id] })`.
   */
  upload(roomId: string, file: Blob, options?: UploadOptions): Promise<Attachment>;
}

/** How to reach a server over REST. */
export interface ApiOptions {
  /** Address of the server, for example `https://chat.example.org`; in a browser, `""` is the page's own. */
  readonly url: string;
  /** The session's token. Browsers on the server's own site need none: the cookie goes along. */
  readonly token?: (() => string | null) | undefined;
  readonly fetch?: typeof fetch | undefined;
}

interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly keepalive?: boolean;
}

/** Makes the typed REST client of a server. */
export function createApi(options: ApiOptions): Api {
  const url = baseUrl(options.url);
  const token = options.token ?? (() => null);
  const send = options.fetch ?? ((...input: Parameters<typeof fetch>) => fetch(...input));

  async function request(name: EndpointName, input: Request): Promise<{ body: unknown; headers: Headers }> {
    const route = isCommon(name) ? ROUTES[name] : await rareRoute(input.signal, name);
    const [method = "GET", path = "/"] = route.split(" ");
    const headers: Record<string, string> = { accept: "application/json", ...input.headers };
    const bearer = token();
    if (bearer !== null) headers.authorization = `Bearer ${bearer}`;
    const init: RequestInit = { method, headers, credentials: "include" };
    if (input.signal) init.signal = input.signal;
    if (input.keepalive) init.keepalive = true;
    if (input.body instanceof FormData) {
      init.body = input.body;
    } else if (input.body instanceof Blob) {
      headers["content-type"] = "application/offset+octet-stream";
      init.body = input.body;
    } else if (input.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(input.body);
    }
    const response = await attempt(input.signal, () => send(url + fill(path, input), init));
    if (!response.ok) throw await errorOf(response);
    const body = await attempt(input.signal, () => response.json());
    return { body, headers: response.headers };
  }

  return {
    url,
    token,
    async call<N extends EndpointName>(name: N, ...[input]: CallArguments<N>) {
      // The table's types bind the name to its input and reply; at runtime a request is only parts.
      const { body } = await request(name, (input ?? {}) as Request);
      return body as CallReply<N>;
    },
    async fetchMessages(roomId, query = {}, signal) {
      const { body, headers } = await request("listMessages", { params: { room_id: roomId }, query, signal });
      // The history of an unknown room is empty and has no head.
      const isEmpty = Array.isArray(body) && body.length === 0;
      const nextAfter = Number(headers.get("x-next-after") ?? (isEmpty ? 0 : Number.NaN));
      if (!Array.isArray(body) || !Number.isSafeInteger(nextAfter)) {
        throw new ParlorError("unavailable", "The server answered without a cursor. Is a proxy hiding it?");
      }
      return { messages: body as Message[], nextAfter, epoch: headers.get("x-epoch") };
    },
    async uploadAvatar(userId, pictures) {
      const form = new FormData();
      for (const [size, blob] of Object.entries(pictures)) form.append(size, blob, `${size}.jpg`);
      const headers = { "x-user-id": userId };
      const { body } = await request("uploadAvatar", { params: { user_id: userId }, body: form, headers });
      return body as CallReply<"uploadAvatar">;
    },
    async upload(roomId, file, options = {}) {
      // A page that uploads nothing does not load what does.
      const { uploadFile } = await import("./upload.js");
      const query = { user_id: options.userId };
      const ask = async (name: EndpointName, input: Request) => (await request(name, input)).body as Upload;
      const calls = {
        begin: (body: unknown, signal: AbortSignal) =>
          ask("createUpload", { params: { room_id: roomId }, body, signal }),
        ask: (id: string, signal: AbortSignal) =>
          ask("getUpload", { params: { upload_id: id }, query, signal }),
        append: (id: string, offset: number, body: Blob, signal: AbortSignal) => {
          const headers = { [OFFSET_HEADER]: String(offset) };
          return ask("appendUpload", { params: { upload_id: id }, query, body, headers, signal });
        },
        cancel: (id: string) => ask("cancelUpload", { params: { upload_id: id }, query }),
      };
      return await uploadFile(calls, file, options);
    },
  };
}

type Common = keyof typeof ROUTES;

function isCommon(name: EndpointName): name is Common {
  return name in ROUTES;
}

function rareRoute(signal: AbortSignal | undefined, name: Exclude<EndpointName, Common>): Promise<Route> {
  return attempt(signal, async () => (await import("./rare-routes.js")).RARE_ROUTES[name]);
}

function baseUrl(url: string): string {
  const page = (globalThis as { location?: { origin?: string } }).location?.origin;
  return (url === "" && page ? page : url).replace(/\/+$/, "");
}

/** The path with its parameters, and the query without what is `undefined`. */
function fill(path: string, input: Request): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(input.params?.[name] ?? ""),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) query.append(name, String(value));
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** A failed network is an error that a retry can mend; an abort by the caller stays what it is. */
async function attempt<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ParlorError(
      "unavailable",
      "The server cannot be reached. Check the connection and try again.",
      {
        cause,
      },
    );
  }
}

/** The code for an answer that does not name one: an old server, or a proxy before it. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "rule_broken",
  401: "session_required",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  413: "body_too_large",
  415: "unsupported_media",
  422: "invalid_request",
  429: "rate_limited",
  500: "internal",
};

async function errorOf(response: Response): Promise<ParlorError> {
  const body: unknown = await response.json().catch(() => null);
  const { code, detail } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ParlorError(
    isErrorCode(code) ? code : (CODE_OF_STATUS[response.status] ?? "unavailable"),
    typeof detail === "string" ? detail : undefined,
    Number.isFinite(seconds) ? { retryAfter: seconds * 1_000 } : {},
  );
}
