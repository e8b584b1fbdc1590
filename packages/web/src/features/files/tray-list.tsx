import { RotateCw, X } from "lucide-react";
import { explainCode } from "../../lib/explain.js";
import { IconButton } from "../../ui/icon-button.js";
import { words } from "../../words/words.js";
import { useLimitWords } from "./attach-button.js";
import { formatSize } from "./attachment.js";
import { FileGlyph, FileName } from "./file-glyph.js";
import { isRunning, type TrayItem } from "./tray.js";
import { cancelUpload, retryUpload } from "./uploads.js";
import type { ComposerFiles } from "./use-tray.js";

const RING = 2 * Math.PI * 15;

/** How far an upload is: a ring that closes. */
function Ring({ item }: { item: TrayItem }) {
  const part = item.sent / item.size;
  return (
    <svg
      role="progressbar"
      aria-label={words.files.progress(item.name)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(part * 100)}
      viewBox="0 0 36 36"
      className="absolute inset-0 m-auto size-9 -rotate-90 rounded-full bg-surface/80"
    >
      <circle cx="18" cy="18" r="15" fill="none" strokeWidth="3" className="stroke-line" />
      <circle
        cx="18"
        cy="18"
        r="15"
        fill="none"
        strokeWidth="3"
        strokeLinecap="round"
        strokeDasharray={RING}
        strokeDashoffset={RING * (1 - Math.max(0.04, part))}
        className="stroke-accent transition-[stroke-dashoffset] duration-180"
      />
    </svg>
  );
}

function stateOf(item: TrayItem): string {
  if (item.failure) return explainCode(item.failure.code, item.failure.detail);
  if (item.status === "waiting") return words.files.waiting;
  if (item.status === "sending") return words.files.sent(formatSize(item.sent), formatSize(item.size));
  return formatSize(item.size);
}

function Item({ item, files }: { item: TrayItem; files: ComposerFiles }) {
  const failed = item.status === "failed";
  return (
    <li className="flex w-full shrink-0 sm:w-60 items-center gap-2.5 rounded-md border border-line bg-paper p-1.5">
      <span className="relative grid size-11 shrink-0 place-items-center overflow-hidden rounded-sm bg-sunken text-ink-soft">
        {item.thumb ? (
          <img src={item.thumb} alt="" draggable={false} className="size-full object-cover" />
        ) : (
          <FileGlyph kind={item.kind} name={item.name} />
        )}
        {isRunning(item) ? <Ring item={item} /> : null}
      </span>
      <span className="min-w-0 flex-1 text-sm">
        <span className="block font-medium">
          {item.kind === "voice" ? words.files.voice : <FileName name={item.name} />}
        </span>
        <span
          title={failed ? stateOf(item) : undefined}
          className={`line-clamp-2 text-xs tabular-nums ${failed ? "text-danger" : "text-ink-faint"}`}
        >
          {stateOf(item)}
        </span>
      </span>
      {failed ? (
        <IconButton
          icon={RotateCw}
          size="sm"
          label={words.files.retry(item.name)}
          onClick={() => retryUpload(item.key)}
        />
      ) : null}
      <IconButton
        icon={X}
        size="sm"
        label={isRunning(item) ? words.files.cancel(item.name) : words.files.remove(item.name)}
        onClick={(event) => {
          // The keyboard would be left nowhere.
          if (event.detail === 0) event.currentTarget.form?.querySelector("textarea")?.focus();
          cancelUpload(files.tray, item.key);
        }}
      />
    </li>
  );
}

/** The files of the next message, above its text. */
export function TrayList({ files }: { files: ComposerFiles }) {
  const limits = useLimitWords();
  const running = files.items.some(isRunning);
  return (
    <section aria-label={words.files.tray} className="grid animate-rise gap-1 border-b border-line pb-1.5">
      <ul className="flex max-h-48 flex-wrap gap-1.5 overflow-y-auto">
        {files.items.map((item) => (
          <Item key={item.key} item={item} files={files} />
        ))}
      </ul>
      <p role="status" className="px-1 text-xs text-ink-faint">
        {files.armed ? (
          <span className="font-medium text-brass">{words.files.held}</span>
        ) : running ? (
          words.files.goesOn
        ) : (
          limits
        )}
      </p>
    </section>
  );
}
