import { Paperclip } from "lucide-react";
import { useRef } from "react";
import { IconButton } from "../../ui/icon-button.js";
import { words } from "../../words/words.js";
import { formatSize } from "./attachment.js";
import { useLimits } from "./limits.js";
import type { ComposerFiles } from "./use-tray.js";

/** What this server takes, in one sentence; empty until it is known. */
export function useLimitWords(): string {
  const limits = useLimits();
  return limits ? words.files.limits(formatSize(limits.file_bytes), limits.attachments) : "";
}

/** Chooses files for the next message. */
export function AttachButton({ files }: { files: ComposerFiles }) {
  const input = useRef<HTMLInputElement>(null);
  const limits = useLimitWords();
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          files.add([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <IconButton
        icon={Paperclip}
        label={limits ? `${words.files.attach}. ${limits}` : words.files.attach}
        aria-label={words.files.attach}
        aria-description={limits || undefined}
        onClick={() => input.current?.click()}
        className="size-9"
      />
    </>
  );
}
