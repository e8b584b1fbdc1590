import type { WebSocketConstructor } from "@parlor/client";
import type { Message, ServerFrame } from "@parlor/protocol";
import { WebSocket } from "ws";
import { LABEL } from "../proxy/connection.js";

let sockets = 0;

/** A frame of the server; `null` for what is none, which only a broken server sends. */
export function parseServerFrame(data: unknown): ServerFrame | null {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}

/** A WebSocket that shows each frame to `see` before its user gets it, and names itself to the proxy. */
export function tapSocket(
  opened: (label: string) => (frame: ServerFrame | null) => void,
): WebSocketConstructor {
  return class TappedSocket extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      sockets += 1;
      const label = String(sockets);
      super(`${url}&${LABEL}=${label}`, protocols);
      const see = opened(label);
      this.on("message", (data) => see(parseServerFrame(data)));
      // A socket that is let go of before it opened still reports an error.
      this.on("error", () => {});
    }
  };
}

/** An answer of the history that a participant got, or of a send. */
export interface HistoryAnswer {
  readonly method: string;
  readonly path: string;
  readonly messages: readonly Message[];
}

/** A `fetch` that shows what was answered about messages, before its user gets it. */
export function tapFetch(see: (answer: HistoryAnswer) => void): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { pathname, search } = new URL(String(input));
    if (!response.ok || !/^\/rooms\/[^/]+\/messages/.test(pathname)) return response;
    const text = await response.text();
    const body: Message | Message[] = JSON.parse(text);
    const messages = Array.isArray(body) ? body : [body];
    see({ method: init?.method ?? "GET", path: pathname + search, messages });
    return new Response(text, { status: response.status, headers: response.headers });
  };
}
