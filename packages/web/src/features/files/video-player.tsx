import type { Attachment } from "@parlor/protocol";
import { useState } from "react";
import { words } from "../../words/words.js";
import { boxOf } from "./attachment.js";
import { FileRow } from "./file-row.js";

/** A film with the browser's own controls; one that this browser cannot play is there to be saved. */
export function VideoPlayer({ file }: { file: Attachment }) {
  const [failed, setFailed] = useState(false);
  const box = boxOf(file);
  if (failed) return <FileRow file={file} note={words.files.cannotPlay} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what people send each other.
    <video
      controls
      playsInline
      preload="metadata"
      src={file.url}
      aria-label={file.name}
      onError={() => setFailed(true)}
      // Controls need a width of their own, whatever the shape.
      style={{ width: Math.max(240, box.width), aspectRatio: `${box.width} / ${box.height}` }}
      className="max-h-80 max-w-full rounded-lg bg-sunken object-contain"
    />
  );
}
