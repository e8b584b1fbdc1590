import type { Room } from "@parlor/protocol";
import { Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { TextAreaField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { DeleteRoomForm } from "./delete-room-form.js";
import { hostWords } from "./host-words.js";
import { RemovedPeople } from "./removed-people.js";
import { putRoom } from "./rooms-store.js";

type Step = "settings" | "delete";

interface SettingsProps {
  readonly room: Room;
  readonly onClose: () => void;
}

/** Name, description and category of a room. */
function RoomWordsForm({ room, onClose }: SettingsProps) {
  const { id: userId } = useMe();
  // What others change meanwhile does not overwrite what is being written here.
  const [name, setName] = useState(room.name);
  const [description, setDescription] = useState(room.description ?? "");
  const [category, setCategory] = useState(room.category ?? "");
  const [isNameless, setIsNameless] = useState(false);
  const { busy, error, onSubmit } = useSubmit(async () => {
    setIsNameless(!name.trim());
    if (!name.trim()) return;
    // What was not touched here stays as another host or another tab has made it meanwhile.
    const change = {
      ...(name.trim() !== room.name && { name: name.trim() }),
      ...(description.trim() !== (room.description ?? "") && { description: description.trim() }),
      ...(category.trim() !== (room.category ?? "") && { category: category.trim() }),
    };
    const body = { user_id: userId, ...change };
    if (Object.keys(change).length > 0)
      putRoom(await call("updateRoom", { params: { room_id: room.id }, body }));
    onClose();
  });
  const { rooms } = words;
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4.5 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={rooms.name}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setIsNameless(false);
        }}
        error={isNameless ? words.errors.required : null}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      <TextAreaField
        label={rooms.description}
        optional
        placeholder={rooms.descriptionPlaceholder}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
        maxLength={5_000}
      />
      <TextField
        label={rooms.category}
        optional
        placeholder={rooms.categoryPlaceholder}
        value={category}
        onChange={(event) => setCategory(event.target.value)}
        maxLength={100}
        autoComplete="off"
      />
      <div className="flex justify-end gap-2 pt-1">
        <Button variant="quiet" onClick={onClose}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="primary" busy={busy}>
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}

/** The way to what can not be taken back. */
function DeleteSection({ onOpen }: { onOpen: () => void }) {
  const host = hostWords();
  return (
    <section className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 border-t border-line px-5 py-4 sm:px-6">
      <p className="min-w-0 flex-1 basis-52 text-sm text-ink-soft">{host.deleteHint}</p>
      <Button variant="danger-quiet" className="-mx-4" onClick={onOpen}>
        <Trash2 aria-hidden="true" className="size-4" />
        {host.deleteRoom}
      </Button>
    </section>
  );
}

/** A room as the server has it now; what lists know of one may lack what a form would then clear. */
function useRoomNow(roomId: string): { room: Room | null; error: string | null } {
  const [room, setRoom] = useState<Room | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    call("getRoom", { params: { room_id: roomId } }).then(
      (found) => {
        if (current) setRoom(found);
      },
      (cause: unknown) => {
        if (current) setError(explain(cause));
      },
    );
    return () => {
      current = false;
    };
  }, [roomId]);
  return { room, error };
}

/** How a room is to be, and its end; for its host. It stays as it was opened, also when somebody else deletes the room. */
export function RoomSettingsDialog({ roomId, onClose }: { roomId: string; onClose: () => void }) {
  const { room, error } = useRoomNow(roomId);
  const [step, setStep] = useState<Step>("settings");
  const host = hostWords();
  if (room && step === "delete") {
    return (
      <Dialog open onClose={onClose} title={host.deleteTitle(room.name)} description={host.deleteText}>
        <DeleteRoomForm room={room} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={words.rooms.settings}>
      {room ? (
        <>
          <RoomWordsForm room={room} onClose={onClose} />
          {room.host_proven ? (
            <>
              <RemovedPeople roomId={room.id} />
              <DeleteSection onOpen={() => setStep("delete")} />
            </>
          ) : null}
        </>
      ) : (
        <div className="grid place-items-center px-5 py-10 sm:px-6">
          {error ? <Notice>{error}</Notice> : <Spinner className="size-6" />}
        </div>
      )}
    </Dialog>
  );
}
