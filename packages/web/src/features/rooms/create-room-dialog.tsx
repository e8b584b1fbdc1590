import type { Privacy, RoomCreate } from "@parlor/protocol";
import { Globe, Link2, Lock } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../lib/api.js";
import { cx } from "../../lib/cx.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { PasswordField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { roomPath } from "./link.js";
import { putRoom, rememberRoom } from "./rooms-store.js";

const CHOICES = [
  { privacy: "public", Icon: Globe },
  { privacy: "private", Icon: Link2 },
  { privacy: "password", Icon: Lock },
] as const;

function AccessChoice({ value, onChange }: { value: Privacy; onChange: (value: Privacy) => void }) {
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{words.rooms.access}</legend>
      {CHOICES.map(({ privacy, Icon }) => {
        const { title, text } = words.rooms.privacy[privacy];
        return (
          <label
            key={privacy}
            className={cx(
              "flex cursor-pointer items-center gap-3 rounded-md border px-3.5 py-2.5 transition-colors duration-120",
              "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
              value === privacy ? "border-accent bg-accent-wash" : "border-line hover:border-line-strong",
            )}
          >
            <input
              type="radio"
              name="privacy"
              value={privacy}
              checked={value === privacy}
              onChange={() => onChange(privacy)}
              aria-label={title}
              className="sr-only"
            />
            <Icon
              aria-hidden="true"
              className={cx("size-4.5 shrink-0", value === privacy ? "text-accent" : "text-ink-faint")}
            />
            <span className="min-w-0">
              <span className="block font-medium">{title}</span>
              <span className="block text-sm text-ink-soft">{text}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

function CreateRoomForm({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const [, navigate] = useLocation();
  const [name, setName] = useState("");
  const [privacy, setPrivacy] = useState<Privacy>("public");
  const [password, setPassword] = useState("");
  const [description, setDescription] = useState("");
  const [category, setCategory] = useState("");
  const [wrong, setWrong] = useState<"name" | "password" | null>(null);
  const { busy, error, onSubmit } = useSubmit(async () => {
    const missing = !name.trim() ? "name" : privacy === "password" && !password ? "password" : null;
    setWrong(missing);
    if (missing) return;
    const body: RoomCreate = { name: name.trim(), privacy, created_by: me.id };
    if (privacy === "password") body.password = password;
    if (description.trim()) body.description = description.trim();
    if (category.trim()) body.category = category.trim();
    const room = await call("createRoom", { body });
    putRoom(room);
    rememberRoom(room.id);
    onDone();
    navigate(roomPath(room.id));
  });
  const { rooms } = words;
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-4.5 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
      {error ? <Notice>{error}</Notice> : null}
      <TextField
        label={rooms.name}
        placeholder={rooms.namePlaceholder}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={wrong === "name" ? words.errors.required : null}
        maxLength={200}
        autoComplete="off"
        autoFocus
      />
      <AccessChoice value={privacy} onChange={setPrivacy} />
      {privacy === "password" ? (
        <PasswordField
          label={rooms.roomPassword}
          hint={rooms.roomPasswordHint}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={wrong === "password" ? words.errors.required : null}
          autoComplete="off"
        />
      ) : null}
      <div className="grid gap-4.5 sm:grid-cols-[1.6fr_1fr]">
        <TextField
          label={rooms.description}
          optional
          placeholder={rooms.descriptionPlaceholder}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
          maxLength={5_000}
          autoComplete="off"
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
      </div>
      <div className="flex justify-end gap-2 pt-1">
        <Button variant="quiet" onClick={onDone}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="primary" busy={busy}>
          {rooms.create}
        </Button>
      </div>
    </form>
  );
}

/** Makes a room and goes there. */
export function CreateRoomDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.rooms.createTitle}>
      <CreateRoomForm onDone={onClose} />
    </Dialog>
  );
}
