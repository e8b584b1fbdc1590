import { Minus, Plus } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { api, call, reportIdentityError } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { Notice } from "../../ui/notice.js";
import { Spinner } from "../../ui/spinner.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { updateMe, useMe } from "../session/public.js";
import { clampView, cropOf, MAX_ZOOM, renderAvatar, type View } from "./crop.js";
import { CropArea } from "./crop-area.js";

type Picture =
  | { readonly status: "loading" | "failed" }
  | { readonly status: "ready"; readonly bitmap: ImageBitmap };

function usePicture(file: File): Picture {
  const [picture, setPicture] = useState<Picture>({ status: "loading" });
  useEffect(() => {
    let bitmap: ImageBitmap | null = null;
    let current = true;
    // A phone's photo says in its EXIF data which way is up.
    createImageBitmap(file, { imageOrientation: "from-image" }).then(
      (made) => {
        if (!current) return made.close();
        bitmap = made;
        setPicture({ status: "ready", bitmap: made });
      },
      () => current && setPicture({ status: "failed" }),
    );
    return () => {
      current = false;
      bitmap?.close();
    };
  }, [file]);
  return picture;
}

function Cropper({ bitmap, onClose }: { bitmap: ImageBitmap; onClose: () => void }) {
  const me = useMe();
  const id = useId();
  const { width, height } = bitmap;
  const [view, setView] = useState<View>({ x: width / 2, y: height / 2, zoom: 1 });
  const { busy, error, onSubmit } = useSubmit(async () => {
    const sizes = await renderAvatar(bitmap, cropOf(view, width, height));
    try {
      await api.uploadAvatar(me.id, sizes);
    } catch (cause) {
      reportIdentityError(cause);
      throw cause;
    }
    updateMe(await call("getUser", { params: { user_id: me.id } }));
    toast(words.profile.pictureSaved);
    onClose();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-5 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
      {error ? <Notice>{error}</Notice> : null}
      <div className="mx-auto w-full max-w-72">
        <CropArea picture={bitmap} view={view} onChange={setView} />
      </div>
      <div className="mx-auto flex w-full max-w-72 items-center gap-3 text-ink-faint">
        <Minus aria-hidden="true" className="size-4" />
        <label htmlFor={id} className="sr-only">
          {words.profile.zoom}
        </label>
        <input
          id={id}
          type="range"
          min={1}
          max={MAX_ZOOM}
          step={0.01}
          value={view.zoom}
          onChange={(event) =>
            setView(clampView({ ...view, zoom: Number(event.target.value) }, width, height))
          }
          className="min-w-0 flex-1 accent-accent"
        />
        <Plus aria-hidden="true" className="size-4" />
      </div>
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="primary" busy={busy}>
          {words.profile.usePicture}
        </Button>
      </div>
    </form>
  );
}

/** Cuts a square out of a chosen picture and makes it the avatar. */
export function CropDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const picture = usePicture(file);
  return (
    <Dialog open onClose={onClose} title={words.profile.cropTitle} description={words.profile.cropText}>
      {picture.status === "ready" ? (
        <Cropper bitmap={picture.bitmap} onClose={onClose} />
      ) : picture.status === "failed" ? (
        <div className="p-6 pt-2">
          <Notice>{words.errors.notAPicture}</Notice>
        </div>
      ) : (
        <div role="status" aria-label={words.common.loading} className="grid h-72 place-items-center">
          <Spinner className="size-6" />
        </div>
      )}
    </Dialog>
  );
}
