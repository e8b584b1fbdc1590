import { useState } from "react";
import { useLocation } from "wouter";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { TextField } from "../../ui/field.js";
import { words } from "../../words/words.js";
import { roomIdFrom, roomPath } from "./link.js";

function JoinLinkForm({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState("");
  const [, navigate] = useLocation();
  const { error, setError, onSubmit } = useSubmit(async () => {
    const id = roomIdFrom(text);
    if (!id) return setError(words.rooms.badLink);
    onDone();
    navigate(roomPath(id));
  });
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4.5 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
      <TextField
        label={words.rooms.roomLink}
        placeholder={`${location.origin}/r/…`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={error}
        autoComplete="off"
        inputMode="url"
        autoFocus
      />
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onDone}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="primary">
          {words.rooms.join}
        </Button>
      </div>
    </form>
  );
}

/** Goes to a room whose link somebody sent. */
export function JoinLinkDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.rooms.joinTitle} description={words.rooms.joinText}>
      <JoinLinkForm onDone={onClose} />
    </Dialog>
  );
}
