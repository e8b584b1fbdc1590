import type { RoomClient } from "@parlor/client";
import { LIMITS } from "@parlor/protocol";
import { ArrowUp } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef } from "react";
import { cx } from "../../lib/cx.js";
import { explain } from "../../lib/explain.js";
import { useMedia } from "../../lib/use-media.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { AutosizeArea, isComposing } from "./autosize-area.js";
import { useDraft } from "./use-draft.js";

/** The limit is shown when so many characters are left. */
const WARN = 10_000;

/** What others may do with the composer. */
export interface ComposerHandle {
  focus(): void;
  /** Puts a text back, above what is being written. */
  restore(text: string): void;
}

interface ComposerProps {
  readonly client: RoomClient;
  readonly roomId: string;
  readonly roomName: string;
  readonly onEditLast: () => void;
  readonly ref: Ref<ComposerHandle>;
}

/** Where messages are written. */
export function Composer({ client, roomId, roomName, onEditLast, ref }: ComposerProps) {
  const [text, setText] = useDraft(roomId);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  // On a phone's keyboard Enter is the only way to a new line, and the send button is under the thumb.
  const touch = useMedia("(hover: none) and (pointer: coarse)");
  const left = LIMITS.contentLength - text.length;
  const ready = text.trim() !== "" && left >= 0;

  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus(),
    restore(back) {
      setText(text.trim() ? `${back}\n${text}` : back);
      area.current?.focus();
    },
  }));

  useEffect(() => {
    if (!touch) area.current?.focus();
  }, [touch]);

  function send() {
    if (!ready) return;
    try {
      client.send(text);
    } catch (error) {
      toast(explain(error), "error");
      return;
    }
    client.setTyping(false);
    setText("");
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !touch) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className="px-3 sm:px-6"
    >
      <div
        className={cx(
          "flex items-end gap-2 rounded-lg border bg-surface p-1.5 shadow-1 transition-colors duration-120",
          left < 0 ? "border-danger" : "border-line-strong/50 focus-within:border-accent",
        )}
      >
        <AutosizeArea
          ref={area}
          aria-label={words.chat.composer}
          aria-describedby={left < WARN ? `${id}-left` : `${id}-hint`}
          aria-invalid={left < 0 || undefined}
          placeholder={words.chat.placeholder(roomName)}
          enterKeyHint={touch ? "enter" : "send"}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            client.setTyping(event.target.value.trim() !== "");
          }}
          onKeyDown={onKeyDown}
          onBlur={() => client.setTyping(false)}
          className="max-h-[min(40dvh,20rem)] min-h-9 self-center bg-transparent px-2.5 py-1.5 outline-none"
        />
        <button
          type="submit"
          aria-label={words.chat.send}
          disabled={!ready}
          className={cx(
            "grid size-9 shrink-0 place-items-center rounded-md transition-colors duration-120",
            ready ? "bg-accent text-on-accent hover:bg-accent-strong" : "bg-hover text-ink-faint",
          )}
        >
          <ArrowUp aria-hidden="true" className="size-5" strokeWidth={2.2} />
        </button>
      </div>
      <span id={`${id}-hint`} className="sr-only">
        {words.chat.hint}
      </span>
      {left < WARN ? (
        <p
          id={`${id}-left`}
          role="status"
          className={cx(
            "px-2 pt-1 text-end text-xs tabular-nums",
            left < 0 ? "text-danger" : "text-ink-faint",
          )}
        >
          {left < 0 ? words.chat.tooLong(-left) : words.chat.left(left)}
        </p>
      ) : null}
    </form>
  );
}
