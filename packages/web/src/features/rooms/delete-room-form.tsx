import type { Room } from "@parlor/protocol";
import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../lib/api.js";
import { codeOf } from "../../lib/explain.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { hostWords } from "./host-words.js";
import { isNameOf } from "./room-name.js";
import { forgetRoom } from "./rooms-store.js";

/** Deletes a room, once its name was typed: nothing brings it back. */
export function DeleteRoomForm({ room, onClose }: { room: Room; onClose: () => void }) {
  const { id: userId } = useMe();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const host = hostWords();
  const { busy, error, onSubmit } = useSubmit(async () => {
    const isNamed = isNameOf(typed, room.name);
    setIsWrong(!isNamed);
    if (!isNamed) return;
    await call("deleteRoom", { params: { room_id: room.id }, query: { user_id: userId } }).catch(
      (cause: unknown) => {
        // A try whose answer was lost has done it.
        if (codeOf(cause) !== "room_not_found") throw cause;
      },
    );
    onClose();
    navigate("/");
    forgetRoom(room.id);
    toast(host.deleted(room.name));
  });
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4.5 px-5 pt-3 pb-5 sm:px-6 sm:pb-6">
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={host.typeName}
        placeholder={room.name}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setIsWrong(false);
        }}
        error={isWrong ? host.wrongName : null}
        autoComplete="off"
        autoFocus
      />
      <div className="flex flex-wrap justify-end gap-2 pt-1">
        <Button variant="quiet" onClick={onClose}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="danger" busy={busy}>
          {host.deleteRoom}
        </Button>
      </div>
    </form>
  );
}
