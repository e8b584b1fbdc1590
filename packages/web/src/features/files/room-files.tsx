import { useEffect, useRef, useState } from "react";
import { part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import type { ComposerFiles } from "./use-tray.js";
import { useViewed } from "./viewer-store.js";

const DropHint = part(async () => (await import("./drop-hint.js")).DropHint, { failing: "silent" });
const TrayList = part(async () => (await import("./tray-list.js")).TrayList);
const Viewer = part(async () => (await import("./viewer.js")).Viewer);

const hasFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;
const isCovered = () => document.querySelector("dialog[open]") !== null;

/** Takes what is dragged over the page or pasted into it; answers whether something hovers. */
function useDropAndPaste(add: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event.dataTransfer)) return;
      // Without this the browser leaves the page to show the file.
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = isCovered() ? "none" : "copy";
      setOver(!isCovered());
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      if (!isCovered()) latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // A text program puts a picture of the text beside the text: then the text is meant.
      if (files.length === 0 || event.clipboardData?.getData("text/plain") || isCovered()) return;
      event.preventDefault();
      latest.current(files);
    };
    const listeners = [
      ["dragover", onOver],
      ["dragleave", onLeave],
      ["drop", onDrop],
      ["paste", onPaste],
    ] as const;
    for (const [name, listener] of listeners) window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener as EventListener);
    };
  }, []);
  return over;
}

/** Speaks the end of each upload; the ring is for the eye. */
function useSpoken({ items }: ComposerFiles): string {
  const [text, setText] = useState("");
  const spoken = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const ended = items.filter(({ status }) => status === "done" || status === "failed");
    const before = spoken.current ?? new Set(ended.map(({ key, status }) => key + status));
    const fresh = ended.filter(({ key, status }) => !before.has(key + status));
    spoken.current = new Set(ended.map(({ key, status }) => key + status));
    if (fresh.length === 0) return;
    setText(
      fresh
        .map(({ name, status }) =>
          status === "done" ? words.files.uploaded(name) : words.files.notUploaded(name),
        )
        .join("\n"),
    );
  }, [items]);
  return text;
}

/** What a room does with files outside of its lines: the row above the text, dropping, pasting, the viewer. */
export function RoomFiles({ files }: { files: ComposerFiles }) {
  const over = useDropAndPaste(files.add);
  const spoken = useSpoken(files);
  const viewed = useViewed();
  const here = useRef<HTMLDivElement>(null);
  return (
    <>
      {files.items.length > 0 ? <TrayList files={files} /> : null}
      {over ? <DropHint room={here.current?.closest("main") ?? null} /> : null}
      {viewed ? <Viewer pictures={viewed.pictures} first={viewed.index} /> : null}
      <div ref={here} aria-live="polite" className="sr-only">
        {spoken}
      </div>
    </>
  );
}
