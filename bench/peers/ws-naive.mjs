// `ws` as most programs use it: JSON.stringify once, then `ws.send(string)` for each member.
import { WebSocketServer } from "ws";
import { admit, createServer, joined, store } from "./contract.mjs";

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
const server = createServer();

function broadcast(room, frame) {
  const text = JSON.stringify(frame);
  for (const member of room.members) member.send(text);
}

server.on("upgrade", (request, socket, head) => {
  const admitted = admit(request.url);
  if (!admitted) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  sockets.handleUpgrade(request, socket, head, (ws) => {
    const { room, user } = admitted;
    room.members.add(ws);
    broadcast(room, joined(user));
    ws.on("message", (data) => {
      const frame = JSON.parse(data);
      if (frame.type === "message") broadcast(room, store(room, user, frame.content));
    });
    ws.on("error", () => {});
    ws.on("close", () => room.members.delete(ws));
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", 4096);
