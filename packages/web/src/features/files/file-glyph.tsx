import type { AttachmentKind } from "@parlor/protocol";
import { File, FileArchive, FileText, Film, Image, Mic, Music } from "lucide-react";

const BY_KIND = { image: Image, video: Film, audio: Music, voice: Mic, file: null } as const;

/** The sign of a kind of file. */
export function FileGlyph({
  kind,
  name,
  className,
}: {
  kind: AttachmentKind;
  name: string;
  className?: string;
}) {
  const Glyph =
    BY_KIND[kind] ??
    (/\.(zip|gz|xz|zst|7z|rar|tar|bz2)$/i.test(name)
      ? FileArchive
      : /\.(txt|md|pdf|docx?|odt|rtf|csv)$/i.test(name)
        ? FileText
        : File);
  return <Glyph aria-hidden="true" className={className ?? "size-5"} strokeWidth={1.75} />;
}

/** A file name that keeps its ending when it has to be cut. */
export function FileName({ name }: { name: string }) {
  const cut = Math.max(0, name.length - 8);
  return (
    <bdi title={name} className="flex min-w-0">
      <span className="truncate">{name.slice(0, cut)}</span>
      <span className="shrink-0 whitespace-pre">{name.slice(cut)}</span>
    </bdi>
  );
}
