import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { startParlor } from "../peers/parlor.js";
import { type Contender, type JitterClient, numberIn, type OnNumber, textOf } from "./client.js";

interface Frame {
  readonly type: string;
  readonly content?: string;
  readonly updated_seq?: number;
  readonly head_seq?: number;
  readonly epoch?: string;
  readonly profiles_rev?: number;
}

/** Parlor as it is shipped, with the few lines that docs/PROTOCOL.md asks of a client. */
export async function startParlorContender(folder: string): Promise<Contender> {
  const server = await startParlor(folder);
  const post = async (path: string, body: object): Promise<{ id: string }> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as { id: string };
  };
  const makeUser = async (name: string) => (await post("/users", { username: name })).id;
  const address = (roomId: string, userId: string, query: string) =>
    `${server.url.replace("http", "ws")}/ws/${roomId}/${userId}?${query}`;

  return {
    name: "parlor",
    title: "Parlor, resume from a cursor, every message durable",
    makeRoom: async () => (await post("/rooms", { name: "Jitter" })).id,
    async makeClient(roomId, onNumber) {
      return createClient(address(roomId, await makeUser("member"), ""), onNumber);
    },
    async makeSender(roomId) {
      const socket = new WebSocket(address(roomId, await makeUser("sender"), ""));
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      return {
        send: (number) => socket.send(JSON.stringify({ type: "message", content: textOf(number) })),
        close: () => socket.terminate(),
      };
    },
    stop: () => server.stop(),
  };
}

function createClient(url: string, onNumber: OnNumber): JitterClient {
  let cursor = 0;
  /** What the first welcome told; fewer people than one welcome holds are in a room here. */
  let known = "";
  let socket: WebSocket | null = null;
  return {
    async connect() {
      const current = new WebSocket(`${url}after=${cursor}${known}`);
      socket = current;
      await new Promise<void>((resolve, reject) => {
        current.once("error", reject);
        current.on("message", (data) => {
          const frame = JSON.parse(String(data)) as Frame;
          const number = frame.type === "message" ? numberIn(frame.content ?? "") : null;
          if (number !== null) onNumber(number);
          cursor = Math.max(
            cursor,
            frame.updated_seq ?? 0,
            frame.type === "synced" ? (frame.head_seq ?? 0) : 0,
          );
          if (frame.type === "welcome")
            known = `&epoch=${frame.epoch}&profiles_after=${frame.profiles_rev}&profiles=changed`;
          if (frame.type === "synced") resolve();
        });
      });
      current.on("error", () => {});
    },
    cut() {
      const { _socket: tcp } = socket as unknown as { _socket: Socket | null };
      socket?.removeAllListeners("message");
      tcp?.resetAndDestroy();
    },
    close: () => socket?.terminate(),
  };
}
