import { Socket, type SocketConstructorOpts } from "node:net";

/** The part of the driver's options that says where to connect. */
export interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
}

/** The one socket of a connection, below the driver. */
export interface OneSocket {
  /**
   * A socket that connects in a moment; that it can not it tells by its events alone, since the driver loses others.
   * When the first one has broken, those that follow are broken too.
   */
  open(options: SocketOptions): Socket;
  /** Bytes that have come. */
  bytesRead(): number;
  /** Breaks it off. */
  destroy(error: Error): void;
}

/** Counts the sockets, so that the hosts of a list get their turns. */
let attempt = 0;

/**
 * Makes the driver's socket. The driver itself waits for ever where something takes the connection and closes it
 * without a word: a proxy whose server is away. A `boundless` one takes whatever is written, for pools whose queries are
 * bounded elsewhere: the driver forgets to reserve a connection for a `begin` that is the first to find it full.
 * `onBroken` is called before the driver learns that the socket has ended.
 */
export function createOneSocket(boundless: boolean, onBroken: () => void): OneSocket {
  // Node hands the option on to the stream; its types do not say so.
  const buffer: SocketConstructorOpts & { writableHighWaterMark?: number } = boundless
    ? { writableHighWaterMark: Number.MAX_SAFE_INTEGER }
    : {};
  let first: Socket | undefined;

  function connect(socket: Socket, { host, port, path }: SocketOptions): void {
    const at = attempt++ % host.length;
    const name = host[at] ?? "localhost";
    // For the name in the certificate.
    if (!path) Object.assign(socket, { host: name });
    socket.once("close", (hadError) => {
      onBroken();
      if (!hadError && socket.bytesRead === 0) socket.emit("error", lost("closed without a word"));
    });
    setImmediate(() => {
      if (socket.destroyed) return;
      if (path) socket.connect(path);
      else socket.connect(port[at] ?? 5432, name);
    });
  }

  return {
    open(options) {
      const socket = new Socket(buffer);
      // Of an error between two listeners of the driver nobody else would know, and it would end the process.
      socket.on("error", onBroken);
      // The driver listens from the next microtask on; a connection that failed before would be lost to its pool.
      if (first !== undefined) setImmediate(() => socket.destroy(lost("the connection has broken")));
      else connect(socket, options);
      first ??= socket;
      return socket;
    },
    bytesRead: () => first?.bytesRead ?? 0,
    destroy: (error) => void first?.destroy(error),
  };
}

function lost(message: string): Error {
  return Object.assign(new Error(message), { code: "CONNECTION_CLOSED" });
}
