// Socket.IO over WebSocket alone, its rooms used as its documentation shows.
import { Server } from "socket.io";
import { createServer, joined, rooms, store, userOf } from "./contract.mjs";

const server = createServer();
const recovery = process.argv[3] === "recover" ? { connectionStateRecovery: {} } : {};
const options = { transports: ["websocket"], perMessageDeflate: false, cors: { origin: "*" }, ...recovery };
const io = new Server(server, options);

io.on("connection", (socket) => {
  let room = null;
  let user = null;
  socket.on("join", (who) => {
    room = rooms.get(who.room) ?? null;
    if (room === null) return socket.disconnect(true);
    user = userOf(who.user_id, who.username);
    socket.join(room.id);
    io.to(room.id).emit("user_joined", joined(user));
  });
  socket.on("message", (frame) => {
    if (room !== null) io.to(room.id).emit("message", store(room, user, frame.content));
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", 4096);
