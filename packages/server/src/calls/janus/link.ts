import { randomUUID } from "node:crypto";
import { ParlorError } from "@parlor/protocol";
import { WebSocket } from "ws";
import type { JanusConfig } from "../../config.js";
import type { Logger } from "../../log.js";
import { JanusFrame } from "./frames.js";
import { JanusHandle } from "./handle.js";

/** Longest waits for a connection and for an answer, in milliseconds. */
const PATIENCE = 5_000;
/** Janus forgets a session of which it hears nothing for a minute. */
const KEEP_ALIVE_EVERY = 20_000;
/** A lost connection is made anew after so long, each time later. */
const RETRY_FIRST = 1_000;
const RETRY_LONGEST = 30_000;
/** Requests without an answer, at most; what comes beyond them is refused. */
const PENDING = 2_000;
/** Bytes of one message of Janus: the description of a receiving connection of a full call is about 100 KB. */
const LARGEST = 1024 * 1024;

/** Janus said no. */
export class JanusError extends Error {
  override readonly name = "JanusError";
  readonly code: number;
  constructor(code: number, reason: string) {
    super(`${reason} (${code})`);
    this.code = code;
  }
}

interface Pending {
  /** Whether it is done when Janus has taken the request, or only with what the plugin says later. */
  readonly endsWith: "ack" | "answer";
  readonly resolve: (frame: JanusFrame) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

interface Session {
  readonly socket: WebSocket;
  readonly id: number;
}

/** The connection to a Janus: one session, made anew when it is lost. What was in the lost one is gone then. */
export class JanusLink {
  readonly #config: JanusConfig;
  readonly #log: Logger;
  readonly #pending = new Map<string, Pending>();
  readonly #handles = new Map<number, JanusHandle>();
  readonly #onUp: () => void;
  readonly #onDown: () => void;
  #session: Session | null = null;
  #connecting: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #retryAfter = RETRY_FIRST;
  #isClosed = false;

  /** `onUp` and `onDown` are told of each session that begins, and of each that is lost. */
  constructor(parts: { config: JanusConfig; log: Logger; onUp: () => void; onDown: () => void }) {
    this.#config = parts.config;
    this.#log = parts.log;
    this.#onUp = parts.onUp;
    this.#onDown = parts.onDown;
  }

  get isUp(): boolean {
    return this.#session !== null;
  }

  /** Waits for a session, for some seconds. Throws `call_server_away`. */
  async ready(): Promise<void> {
    if (this.#session) return;
    if (this.#isClosed) throw new ParlorError("call_server_away");
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  /** Opens a handle of the video room; throws `call_server_away`, or what Janus says. */
  async attach(onEvent: (frame: JanusFrame) => void): Promise<JanusHandle> {
    await this.ready();
    const { data } = await this.request({ janus: "attach", plugin: "janus.plugin.videoroom" });
    if (data?.id === undefined) throw new JanusError(0, "no handle was given");
    const handle = new JanusHandle(this, data.id, onEvent);
    this.#handles.set(handle.id, handle);
    return handle;
  }

  /** Lets go of a handle; Janus ends its connection at once. */
  detach(handle: JanusHandle): void {
    if (!this.#handles.delete(handle.id)) return;
    this.request({ janus: "detach", handle_id: handle.id }).catch(() => {});
  }

  /** Sends a request and waits for its answer. Throws `call_server_away`, and a {@link JanusError} for a refusal. */
  async request(
    body: { readonly janus: string } & Record<string, unknown>,
    endsWith: Pending["endsWith"] = "answer",
  ): Promise<JanusFrame> {
    const session = this.#session;
    if (!session || this.#pending.size >= PENDING) throw new ParlorError("call_server_away");
    return await this.#ask(session.socket, { ...body, session_id: session.id }, endsWith);
  }

  /** Ends the session; whoever is in it is hung up. What is not answered yet may not be done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const session = this.#session;
    if (!session) return;
    await this.request({ janus: "destroy" }, "ack").catch(() => {});
    session.socket.terminate();
  }

  #ask(socket: WebSocket, body: object, endsWith: Pending["endsWith"]): Promise<JanusFrame> {
    const transaction = randomUUID();
    const { secret } = this.#config;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(transaction);
        reject(new ParlorError("call_server_away"));
      }, PATIENCE);
      this.#pending.set(transaction, { endsWith, resolve, reject, timer });
      socket.send(
        JSON.stringify({ ...body, transaction, ...(secret === null ? {} : { apisecret: secret }) }),
      );
    });
  }

  async #connect(): Promise<void> {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const socket = new WebSocket(this.#config.url, "janus-protocol", {
      handshakeTimeout: PATIENCE,
      maxPayload: LARGEST,
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.on("open", resolve);
        socket.on("error", reject);
        socket.on("close", () => reject(new Error("closed")));
      });
      socket.on("message", (data) => this.#receive(String(data)));
      const { data } = await this.#ask(socket, { janus: "create" }, "answer");
      if (data?.id === undefined || this.#isClosed) throw new Error("no session was given");
      this.#begin({ socket, id: data.id });
    } catch (err) {
      socket.terminate();
      if (this.#retryAfter === RETRY_FIRST) this.#log.warn({ err }, "the media server can not be reached");
      this.#tryLater();
      throw new ParlorError("call_server_away");
    }
  }

  #begin(session: Session): void {
    const { socket } = session;
    this.#session = session;
    this.#retryAfter = RETRY_FIRST;
    this.#log.info("the media server is there");
    const timer = setInterval(() => {
      this.request({ janus: "keepalive" }, "ack").catch(() => socket.terminate());
    }, KEEP_ALIVE_EVERY);
    timer.unref();
    socket.on("close", () => {
      clearInterval(timer);
      this.#end();
    });
    // Lost before anybody listened to its close.
    if (socket.readyState !== WebSocket.OPEN) {
      socket.terminate();
      return;
    }
    this.#onUp();
  }

  #end(): void {
    if (!this.#session) return;
    this.#session = null;
    this.#handles.clear();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new ParlorError("call_server_away"));
    }
    this.#pending.clear();
    if (this.#isClosed) return;
    this.#log.warn("the media server is lost");
    this.#onDown();
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#isClosed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.ready().catch(() => {});
    }, this.#retryAfter);
    this.#retry.unref();
    this.#retryAfter = Math.min(RETRY_LONGEST, this.#retryAfter * 2);
  }

  #receive(text: string): void {
    const frame = read(text);
    if (!frame) {
      this.#log.warn("the media server said something that nobody understands");
      return;
    }
    if (frame.janus === "timeout" && frame.sender === undefined) {
      this.#session?.socket.terminate();
      return;
    }
    const pending = frame.transaction === undefined ? undefined : this.#pending.get(frame.transaction);
    if (frame.transaction !== undefined && pending) this.#settle(frame.transaction, pending, frame);
    else if (frame.sender !== undefined) this.#handles.get(frame.sender)?.receive(frame);
  }

  #settle(transaction: string, { endsWith, resolve, reject, timer }: Pending, frame: JanusFrame): void {
    if (frame.janus === "ack" && endsWith === "answer") return;
    clearTimeout(timer);
    this.#pending.delete(transaction);
    const { error, plugindata } = frame;
    const refusal = plugindata?.data;
    if (error) reject(new JanusError(error.code, error.reason));
    else if (refusal?.error_code !== undefined)
      reject(new JanusError(refusal.error_code, refusal.error ?? "refused"));
    else resolve(frame);
  }
}

function read(text: string): JanusFrame | null {
  try {
    return JanusFrame.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
