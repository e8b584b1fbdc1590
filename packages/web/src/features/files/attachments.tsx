import type { Attachment } from "@parlor/protocol";
import { useState } from "react";
import { part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import { formatLength } from "./attachment.js";
import { FileRow } from "./file-row.js";
import { Gallery } from "./gallery.js";
import { knownFile } from "./known.js";
import { VideoPlayer } from "./video-player.js";

const VoicePlayer = part(async () => (await import("./voice-player.js")).VoicePlayer, {
  waiting: () => <div className="h-14 w-80 max-w-full rounded-lg bg-surface ring-1 ring-line" />,
  failing: "silent",
});

function AudioPlayer({ file }: { file: Attachment }) {
  const [failed, setFailed] = useState(false);
  return (
    <div className="w-96 max-w-full">
      <FileRow file={file} note={failed ? words.files.cannotPlay : lengthOf(file)} />
      {failed ? null : (
        // biome-ignore lint/a11y/useMediaCaption: nobody wrote captions for what people send each other.
        <audio
          controls
          preload="metadata"
          src={file.url}
          aria-label={file.name}
          onError={() => setFailed(true)}
          className="mt-1 h-11 w-full"
        />
      )}
    </div>
  );
}

function lengthOf({ duration_ms }: Attachment): string | undefined {
  return duration_ms === null ? undefined : formatLength(duration_ms);
}

function One({ file }: { file: Attachment }) {
  if (file.kind === "video") return <VideoPlayer file={file} />;
  if (file.kind === "audio") return <AudioPlayer file={file} />;
  if (file.kind === "file") return <FileRow file={file} />;
  return <VoicePlayer file={file} />;
}

/** The files of a message: pictures as a tidy grid, then the others, each in space that is reserved before it loads. */
export function Attachments({ list }: { list: readonly Attachment[] | undefined }) {
  if (!list || list.length === 0) return null;
  const pictures = list.filter(({ kind }) => kind === "image");
  return (
    <div className="flex min-w-0 flex-col items-start gap-1.5 py-1">
      {pictures.length > 0 ? <Gallery pictures={pictures} /> : null}
      {list
        .filter(({ kind }) => kind !== "image")
        .map((file) => (
          <One key={file.id} file={file} />
        ))}
    </div>
  );
}

/** The files of a message that waits for the server: as large as they will be, so that nothing moves when it is stored. */
export function PendingAttachments({ ids }: { ids: readonly string[] | undefined }) {
  if (!ids || ids.length === 0) return null;
  const list = ids.flatMap((id) => knownFile(id) ?? []);
  const others = ids.length - list.length;
  return (
    <>
      <Attachments list={list} />
      {others > 0 ? <p className="text-sm text-ink-soft">{words.files.count(others)}</p> : null}
    </>
  );
}
