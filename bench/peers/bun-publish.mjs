// Bun's own WebSocket server, in C++ underneath, with its publish to a topic. Runs under Bun.
import { admit, answer, joined, store } from "./contract.mjs";

const server = Bun.serve({
  port: Number(process.argv[2]),
  hostname: "127.0.0.1",
  async fetch(request, self) {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/ws/")) {
      const data = admit(pathname + search);
      return data && self.upgrade(request, { data }) ? undefined : new Response("", { status: 403 });
    }
    const answered = answer(pathname, await request.json());
    return Response.json(answered ?? {}, { status: answered ? 200 : 404 });
  },
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 240,
    backpressureLimit: 4 << 20,
    open(ws) {
      const { room, user } = ws.data;
      ws.subscribe(room.id);
      server.publish(room.id, JSON.stringify(joined(user)));
    },
    message(ws, data) {
      const { room, user } = ws.data;
      const frame = JSON.parse(data);
      if (frame.type === "message") server.publish(room.id, JSON.stringify(store(room, user, frame.content)));
    },
  },
});
