import type { RoomClient, RoomState } from "@parlor/client";
import { LIMITS, type Message } from "@parlor/protocol";
import { ArrowUp, Reply, Smile, X } from "lucide-react";
import {
  type KeyboardEvent,
  memo,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { cx } from "../../lib/cx.js";
import { explain } from "../../lib/explain.js";
import { useMedia } from "../../lib/use-media.js";
import { IconButton } from "../../ui/icon-button.js";
import { type Part, part } from "../../ui/part.js";
import { Spinner } from "../../ui/spinner.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { noteWritten } from "../attention/public.js";
import { AttachButton, canRecord, RoomFiles, useTray, VoiceButton } from "../files/public.js";
import { AutosizeArea, isComposing } from "./autosize-area.js";
import type { CompletionListProps } from "./completion-list.js";
import type { EmojiPickerProps } from "./emoji/emoji-picker.js";
import { rememberEmoji } from "./emoji/recent.js";
import { mentionedIn, mentionsEverybody } from "./text/mentions.js";
import { type Answered, useAnswer } from "./use-answer.js";
import { useCompletion } from "./use-completion.js";
import { useDraft } from "./use-draft.js";

/** What can be completed; its way is the text area, which has the keys. */
export const CompletionList: Part<CompletionListProps> = part(
  async () => (await import("./completion-list.js")).CompletionList,
  { failing: "silent" },
);
/** All emoji, beside what opened them. */
export const EmojiPicker: Part<EmojiPickerProps> = part(
  async () => (await import("./emoji/emoji-picker.js")).EmojiPicker,
);

/** The limit is shown when so many characters are left. */
const WARN = 10_000;

/** What others may do with the composer. */
export interface ComposerHandle {
  focus(): void;
  /** Puts a text back, above what is being written. */
  restore(text: string): void;
  /** The next message answers this one. */
  answer(message: Message): void;
}

/** What is being answered, above the text. */
function AnswerBar({ answered, onCancel }: { answered: Answered; onCancel: () => void }) {
  return (
    <div className="flex items-center gap-2 rounded-md bg-accent-wash py-1 ps-2.5 pe-1 text-sm">
      <Reply aria-hidden="true" className="size-4 shrink-0 text-accent" />
      <span className="min-w-0 flex-1 truncate">
        <span className="font-medium">{words.chat.answering(answered.name)}</span>{" "}
        <bdi className="text-ink-soft">{answered.text}</bdi>
      </span>
      <IconButton icon={X} size="sm" label={words.chat.cancelAnswer} onClick={onCancel} />
    </div>
  );
}

interface ComposerProps {
  readonly client: RoomClient;
  readonly profiles: RoomState["profiles"];
  readonly online: RoomState["online"];
  readonly userId: string;
  /** Whether this person may mention everybody. */
  readonly isHost: boolean;
  readonly roomId: string;
  readonly roomName: string;
  /** What is unsent lives in this page alone. */
  readonly forgetful: boolean;
  readonly onEditLast: () => void;
  readonly ref: Ref<ComposerHandle>;
}

/** Where messages are written. */
export const Composer = memo(function Composer(props: ComposerProps) {
  const { client, profiles, online, userId, isHost, roomId, roomName, forgetful, onEditLast, ref } = props;
  const [text, setText, keepDraft] = useDraft(roomId);
  const files = useTray(roomId);
  const area = useRef<HTMLTextAreaElement>(null);
  const emojiButton = useRef<HTMLSpanElement>(null);
  const [answered, setAnswered] = useAnswer(roomId);
  const [picking, setPicking] = useState(false);
  const completion = useCompletion({ area, profiles, online, userId, text, setText });
  const id = useId();
  // On a phone's keyboard Enter is the only way to a new line, and the send button is under the thumb.
  const touch = useMedia("(hover: none) and (pointer: coarse)");
  const left = LIMITS.contentLength - text.length;
  const ready = (text.trim() !== "" || files.items.length > 0) && left >= 0;

  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus(),
    restore(back) {
      setText(text.trim() ? `${back}\n${text}` : back);
      keepDraft();
      area.current?.focus();
    },
    answer(message) {
      const name = profiles.get(message.user_id)?.username ?? message.username;
      setAnswered({ id: message.id, name, text: message.content });
      area.current?.focus();
    },
  }));

  useEffect(() => {
    if (!touch) area.current?.focus();
  }, [touch]);

  useEffect(() => {
    if (files.due) send();
  });

  function send() {
    if (!ready || files.hold()) return;
    try {
      const people = [...profiles.values()].map((p) => [p.user_id, p.username] as const);
      client.send(text, {
        attachments: files.ids,
        replyTo: answered?.id,
        mentions: text.includes("@") ? mentionedIn(text, people) : [],
        mentionsRoom: isHost && mentionsEverybody(text),
      });
    } catch (error) {
      toast(explain(error), "error");
      return;
    }
    noteWritten();
    client.setTyping(false);
    setText("");
    files.clear();
    setAnswered(null);
    completion.close();
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event) || completion.onKeyDown(event)) return;
    if (event.key === "Escape" && answered) {
      event.preventDefault();
      setAnswered(null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && !touch) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    }
  }

  function insert(emoji: string) {
    const element = area.current;
    const at = element?.selectionStart ?? text.length;
    setPicking(false);
    rememberEmoji(emoji);
    setText(text.slice(0, at) + emoji + text.slice(element?.selectionEnd ?? at));
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(at + emoji.length, at + emoji.length);
    });
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
          "relative grid grid-cols-1 gap-1.5 rounded-lg border bg-surface p-1.5 shadow-1 transition-colors duration-120",
          left < 0 ? "border-danger" : "border-line-strong/50 focus-within:border-accent",
        )}
      >
        {completion.choices.length > 0 ? (
          <CompletionList
            id={`${id}-choices`}
            choices={completion.choices}
            chosen={completion.chosen}
            onHover={completion.setActive}
            onChoose={completion.choose}
          />
        ) : null}
        {answered ? <AnswerBar answered={answered} onCancel={() => setAnswered(null)} /> : null}
        <RoomFiles files={files} />
        <div className="flex items-end gap-1.5">
          <AttachButton files={files} />
          <AutosizeArea
            aria-autocomplete="list"
            aria-controls={completion.choices.length > 0 ? `${id}-choices` : undefined}
            aria-activedescendant={
              completion.choices.length > 0 ? `${id}-choices-${completion.chosen}` : undefined
            }
            onSelect={completion.look}
            ref={area}
            aria-label={words.chat.composer}
            aria-describedby={left < WARN ? `${id}-left` : `${id}-hint`}
            aria-invalid={left < 0 || undefined}
            placeholder={words.chat.placeholder(roomName)}
            enterKeyHint={touch ? "enter" : "send"}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              files.release();
              client.setTyping(event.target.value.trim() !== "");
              completion.look();
            }}
            onKeyDown={onKeyDown}
            onBlur={() => {
              client.setTyping(false);
              completion.close();
            }}
            className="max-h-[min(40dvh,20rem)] min-h-9 min-w-0 self-center bg-transparent px-2.5 py-1.5 outline-none placeholder-shown:overflow-hidden placeholder-shown:text-ellipsis placeholder-shown:whitespace-nowrap"
          />
          <span ref={emojiButton} className="inline-flex">
            <IconButton
              icon={Smile}
              label={words.chat.insertEmoji}
              aria-haspopup="dialog"
              aria-expanded={picking}
              onClick={() => setPicking(!picking)}
              className="size-9"
            />
          </span>
          {picking ? (
            <EmojiPicker anchor={emojiButton} onPick={insert} onClose={() => setPicking(false)} />
          ) : null}
          {canRecord && text === "" && files.items.length === 0 ? (
            <VoiceButton files={files} />
          ) : (
            <button
              type="submit"
              aria-label={files.armed ? words.files.sendHeld : words.chat.send}
              disabled={!ready}
              className={cx(
                "grid size-9 shrink-0 place-items-center rounded-md transition-colors duration-120",
                ready ? "bg-accent text-on-accent hover:bg-accent-strong" : "bg-hover text-ink-faint",
              )}
            >
              {files.armed ? (
                <Spinner />
              ) : (
                <ArrowUp aria-hidden="true" className="size-5" strokeWidth={2.2} />
              )}
            </button>
          )}
        </div>
      </div>
      <span id={`${id}-hint`} className="sr-only">
        {words.chat.hint}
      </span>
      {forgetful ? (
        <p role="status" className="px-2 pt-1 text-xs text-danger">
          {words.chat.notKept}
        </p>
      ) : null}
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
});
