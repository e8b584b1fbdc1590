/** Bytes of one request's head at most; more is no request of ours. */
const HEAD_LIMIT = 64 * 1024;

/** One whole HTTP request as it came over the line. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly isUpgrade: boolean;
  readonly head: string;
  readonly bytes: Buffer;
}

/** Cuts what a client sends into whole requests, until one of them upgrades the connection. */
export class RequestReader {
  #waiting: Buffer = Buffer.alloc(0);

  /** Takes bytes; answers the requests that are now complete. */
  push(chunk: Buffer): RawRequest[] {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    const requests: RawRequest[] = [];
    for (let request = this.#shift(); request !== null; request = this.#shift()) {
      requests.push(request);
      if (request.isUpgrade) break;
    }
    return requests;
  }

  /** What has come of a request that is not complete, or after an upgrade. */
  rest(): Buffer {
    const rest = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    return rest;
  }

  #shift(): RawRequest | null {
    const end = this.#waiting.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#waiting.length > HEAD_LIMIT) throw new Error("a request's head does not end");
      return null;
    }
    const head = this.#waiting.toString("latin1", 0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (/^transfer-encoding:/im.test(head)) throw new Error("the proxy reads no chunked requests");
    const size = end + 4 + length;
    if (this.#waiting.length < size) return null;
    const bytes = this.#waiting.subarray(0, size);
    this.#waiting = this.#waiting.subarray(size);
    const [method = "", path = ""] = head.split(" ", 2);
    return { method, path, isUpgrade: /^upgrade: *websocket/im.test(head), head, bytes };
  }
}

/** Whether a request, sent twice, is stored once: a message that carries a name of its own. */
export function isRepeatable({ method, path, head, bytes }: RawRequest): boolean {
  if (method !== "POST" || !/^\/rooms\/[^/]+\/messages/.test(path)) return false;
  return /^idempotency-key:/im.test(head) || bytes.includes('"client_id"');
}
