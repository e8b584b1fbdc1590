import { IncomingMessage } from "node:http";

/**
 * A request that leaves HTTP/1.1 only for a WebSocket or a tunnel. Node takes every offer of another protocol (`curl
 * --http2` makes one of h2c) away from the HTTP side as soon as somebody listens for upgrades; declining one means to
 * answer the request.
 */
export class UpgradableMessage extends IncomingMessage {
  declare offered: boolean | null | undefined;

  // Node sets this before it reads the headers, and asks for it after.
  get upgrade(): boolean {
    if (!this.offered) return false;
    return this.method === "CONNECT" || this.headers.upgrade?.toLowerCase() === "websocket";
  }

  set upgrade(offered: boolean | null) {
    this.offered = offered;
  }
}
