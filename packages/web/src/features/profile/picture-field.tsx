import { ImageUp, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { call } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { Notice } from "../../ui/notice.js";
import { part } from "../../ui/part.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { shownName, updateMe, useMe } from "../session/public.js";

const CropDialog = part(async () => (await import("./crop-dialog.js")).CropDialog);

/** The own picture: choose one, crop it, take it away. */
export function PictureField() {
  const me = useMe();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const removal = useSubmit(async () => {
    await call("deleteAvatar", { params: { user_id: me.id } });
    updateMe(await call("getUser", { params: { user_id: me.id } }));
    toast(words.profile.removed);
  });
  const { profile } = words;
  const has = Boolean(me.avatar_url);
  return (
    <div className="flex flex-wrap items-center gap-5">
      <Avatar
        person={{ id: me.id, name: shownName(me), avatar_url: me.avatar_url, avatar_urls: me.avatar_urls }}
        size={88}
      />
      <div className="grid gap-2">
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => input.current?.click()}>
            <ImageUp aria-hidden="true" className="size-4" />
            {has ? profile.change : profile.upload}
          </Button>
          {has ? (
            <Button variant="danger-quiet" busy={removal.busy} onClick={() => void removal.run()}>
              <Trash2 aria-hidden="true" className="size-4" />
              {profile.remove}
            </Button>
          ) : null}
        </div>
        <input
          ref={input}
          type="file"
          accept="image/*"
          aria-label={profile.picture}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            setFile(event.target.files?.[0] ?? null);
            // So that the same file can be chosen again after a cancel.
            event.target.value = "";
          }}
        />
        {removal.error ? <Notice>{removal.error}</Notice> : null}
      </div>
      {file ? <CropDialog file={file} onClose={() => setFile(null)} /> : null}
    </div>
  );
}
