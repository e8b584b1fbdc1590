import type { Attachment } from "@parlor/protocol";
import { Download } from "lucide-react";
import { words } from "../../words/words.js";
import { downloadOf, formatSize } from "./attachment.js";
import { FileGlyph, FileName } from "./file-glyph.js";

/** A file as a line: what it is, how large, and the way to save it. */
export function FileRow({ file, note }: { file: Attachment; note?: string | undefined }) {
  return (
    <a
      href={downloadOf(file.url)}
      download={file.name}
      aria-label={words.files.download(file.name, formatSize(file.size))}
      className="group/file flex w-96 max-w-full items-center gap-3 rounded-lg bg-surface p-2 pe-3 ring-1 ring-line transition-shadow duration-120 hover:ring-line-strong"
    >
      <span className="grid size-10 shrink-0 place-items-center rounded-md bg-accent-wash text-accent">
        <FileGlyph kind={file.kind} name={file.name} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-medium">
          <FileName name={file.name} />
        </span>
        <span className="block truncate text-xs text-ink-faint tabular-nums">
          {[formatSize(file.size), note].filter(Boolean).join(" · ")}
        </span>
      </span>
      <Download
        aria-hidden="true"
        className="size-4.5 shrink-0 text-ink-faint group-hover/file:text-ink"
        strokeWidth={1.85}
      />
    </a>
  );
}
