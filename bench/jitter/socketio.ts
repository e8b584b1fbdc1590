import { createRequire } from "node:module";
import type { Socket as TcpSocket } from "node:net";
import { packageFile, peerFile } from "../paths.js";
import { startPeer } from "../peers/process.js";
import { type Contender, type JitterClient, numberIn, type OnNumber, textOf } from "./client.js";

/** What is used of `socket.io-client`, which belongs to the benchmark's own packages. */
interface IoSocket {
  connected: boolean;
  io: { engine: { transport: { ws: { _socket: TcpSocket } } } };
  on(event: string, listener: (value: never) => void): this;
  once(event: string, listener: (value: never) => void): this;
  off(event: string): this;
  emit(event: string, value: unknown): this;
  connect(): this;
  disconnect(): this;
}
type Connect = (url: string, options: object) => IoSocket;

/** Socket.IO with its own client; `recovers` turns on its connection state recovery. */
export async function startSocketIoContender(recovers: boolean): Promise<Contender> {
  const { io } = createRequire(import.meta.url)(packageFile("socket.io-client")) as { io: Connect };
  const flags = recovers ? ["recover"] : [];
  const server = await startPeer(
    (port) => [process.execPath, peerFile("socketio.mjs"), String(port), ...flags],
    "socketio",
  );
  const url = `http://127.0.0.1:${server.target.port}`;
  const post = async (path: string, body: object): Promise<{ id: string }> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()) as { id: string };
  };

  /** Comes in; a connection that was recovered is in its room already. */
  async function open(socket: IoSocket, roomId: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => {
        const { recovered } = socket as unknown as { recovered?: boolean };
        if (!recovered) socket.emit("join", { room: roomId, user_id: "member", username: "member" });
        resolve();
      });
      socket.once("connect_error", reject);
      socket.connect();
    });
  }
  const options = { transports: ["websocket"], reconnection: false, autoConnect: false, forceNew: true };

  function createClient(roomId: string, onNumber: OnNumber): JitterClient {
    const socket = io(url, options);
    socket.on("message", (message: { content?: string }) => {
      const number = numberIn(message.content ?? "");
      if (number !== null) onNumber(number);
    });
    return {
      connect: () => open(socket, roomId),
      cut: () => socket.io.engine.transport.ws._socket.resetAndDestroy(),
      close: () => void socket.disconnect(),
    };
  }

  return {
    name: recovers ? "socketio-recovery" : "socketio",
    title: recovers
      ? "Socket.IO with connection state recovery (2 minutes), in memory"
      : "Socket.IO as it comes, in memory",
    makeRoom: async () => (await post("/rooms", { name: "Jitter" })).id,
    makeClient: async (roomId, onNumber) => createClient(roomId, onNumber),
    async makeSender(roomId) {
      const socket = io(url, options);
      await open(socket, roomId);
      return {
        send: (number) => void socket.emit("message", { content: textOf(number) }),
        close: () => void socket.disconnect(),
      };
    },
    stop: () => server.stop(),
  };
}
