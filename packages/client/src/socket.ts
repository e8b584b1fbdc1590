/** What the SDK uses of a WebSocket; the browser's and that of the package `ws` have it. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** Makes a {@link WebSocketLike}. */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;
