"""The seeds' design in the least code: FastAPI, rooms in memory, and for each member `await send_text(json)`."""
import json
import sys
import uuid
from datetime import datetime
from typing import Optional

import uvicorn
from fastapi import FastAPI, Query, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

app = FastAPI()
rooms = {}
active = {}
allowed = {"http://localhost:3000"}


class RoomCreate(BaseModel):
    name: str


@app.post("/rooms")
async def create_room(room: RoomCreate):
    room_id = str(uuid.uuid4())
    rooms[room_id] = {"name": room.name, "users": {}, "messages": []}
    return {"id": room_id, "name": room.name}


async def broadcast(room_id, message):
    text = json.dumps(message)
    dead = set()
    # A copy: the set may change while one waits.
    for socket in list(active.get(room_id, ())):
        try:
            await socket.send_text(text)
        except Exception:
            dead.add(socket)
    for socket in dead:
        active[room_id].discard(socket)


@app.websocket("/ws/{room_id}/{user_id}")
async def chat(
    socket: WebSocket,
    room_id: str,
    user_id: str,
    username: Optional[str] = Query(None),
    avatar_url: Optional[str] = Query(None),
):
    if socket.headers.get("origin") not in allowed or room_id not in rooms:
        await socket.close(code=4403)
        return
    user = {"user_id": user_id, "username": username or "Anonymous", "avatar_url": avatar_url}
    rooms[room_id]["users"][user_id] = user
    await socket.accept()
    active.setdefault(room_id, set()).add(socket)
    await broadcast(room_id, {"type": "user_joined", "timestamp": datetime.utcnow().isoformat(), **user})
    try:
        while True:
            frame = json.loads(await socket.receive_text())
            if frame.get("type") == "keep_alive":
                continue
            message = {
                "type": "message",
                "id": str(uuid.uuid4()),
                "content": frame.get("content", ""),
                "timestamp": datetime.utcnow().isoformat(),
                **user,
            }
            rooms[room_id]["messages"].append(message)
            await broadcast(room_id, message)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        active.get(room_id, set()).discard(socket)


uvicorn.run(
    app,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="warning",
    loop="uvloop",
    ws="websockets",
    ws_per_message_deflate=False,
    ws_ping_interval=None,
    backlog=4096,
)
