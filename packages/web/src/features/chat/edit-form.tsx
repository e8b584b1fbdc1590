import { LIMITS, type Message } from "@parlor/protocol";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { words } from "../../words/words.js";
import { AutosizeArea, isComposing } from "./autosize-area.js";

/** What the form is given. */
export interface EditFormProps {
  readonly message: Message;
  readonly onSave: (message: Message, content: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Changes a message where it stands. Enter saves, Esc leaves it as it was. */
export function EditForm({ message, onSave, onClose }: EditFormProps) {
  const [text, setText] = useState(message.content);
  const area = useRef<HTMLTextAreaElement>(null);
  const over = text.length - LIMITS.contentLength;
  const { busy, error, run, onSubmit } = useSubmit(async () => {
    if (text === message.content) return onClose();
    await onSave(message, text);
  });
  useEffect(() => {
    const element = area.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    element?.scrollIntoView({ block: "nearest" });
  }, []);
  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && !event.shiftKey && text.trim() && over <= 0) void run();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <form onSubmit={onSubmit} className="grid gap-2 py-1">
      <AutosizeArea
        ref={area}
        aria-label={words.chat.editing}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="max-h-72 min-h-11 rounded-md border border-accent bg-surface px-3 py-2 focus-visible:outline-offset-0"
      />
      {error ? (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      ) : null}
      <div className="flex items-center gap-2">
        <Button type="submit" variant="primary" size="sm" busy={busy} disabled={!text.trim() || over > 0}>
          {words.common.save}
        </Button>
        <Button size="sm" variant="quiet" onClick={onClose}>
          {words.common.cancel}
        </Button>
        {over > 0 ? <span className="text-sm text-danger">{words.chat.tooLong(over)}</span> : null}
      </div>
    </form>
  );
}
