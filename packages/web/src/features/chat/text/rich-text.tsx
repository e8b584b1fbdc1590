import { memo, type ReactNode, useMemo, useState } from "react";
import { cx } from "../../../lib/cx.js";
import { words } from "../../../words/words.js";
import { CodeBlock } from "./code-block.js";
import type { FindMention, Inline } from "./inline.js";
import { type Block, parseMarkdown } from "./markdown.js";

/** A text longer than this is cut until somebody asks for all of it: a page must not be one message. */
const CUT = 4_000;
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s*){1,5}$/u;

const STYLES = { bold: "strong", italic: "em", strike: "s" } as const;

function draw(inlines: readonly Inline[], userId: string | undefined): ReactNode[] {
  return inlines.map((inline, index) => {
    if (typeof inline === "string") return inline;
    // The parts of one text have no identity but their place.
    const key = index;
    if (inline.kind === "code") {
      return (
        <code
          key={key}
          dir="auto"
          className="rounded-sm bg-sunken px-1 py-px font-mono text-[0.9em] ring-1 ring-line ring-inset"
        >
          {inline.text}
        </code>
      );
    }
    if (inline.kind === "mention") {
      const mine = inline.userId === null || inline.userId === userId;
      return (
        <bdi
          key={key}
          data-mention={mine ? "own" : ""}
          className={cx(
            "rounded-sm px-1 font-medium",
            mine ? "bg-brass-wash text-brass" : "bg-accent-wash text-accent",
          )}
        >
          {inline.text}
        </bdi>
      );
    }
    if (inline.kind === "link") {
      return (
        <a
          key={key}
          href={inline.href}
          title={inline.children.length === 1 && inline.children[0] === inline.href ? undefined : inline.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="rounded-sm text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent"
        >
          {draw(inline.children, userId)}
        </a>
      );
    }
    const Tag = STYLES[inline.kind];
    return <Tag key={key}>{draw(inline.children, userId)}</Tag>;
  });
}

const LINES = "w-fit max-w-full whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]";

function drawBlock(block: Block, key: number, userId: string | undefined): ReactNode {
  if (block.kind === "code") return <CodeBlock key={key} language={block.language} text={block.text} />;
  if (block.kind === "quote") {
    return (
      <blockquote key={key} dir="auto" className="my-1 border-s-2 border-line-strong ps-3 text-ink-soft">
        {block.blocks.map((inner, index) => drawBlock(inner, index, userId))}
      </blockquote>
    );
  }
  if (block.kind === "list") {
    const items = block.items.map((item, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the items of one text have no other identity.
      <li key={index} dir="auto" className="wrap-anywhere">
        {draw(item, userId)}
      </li>
    ));
    return block.start === null ? (
      <ul key={key} dir="auto" className="my-0.5 list-disc ps-6">
        {items}
      </ul>
    ) : (
      <ol key={key} dir="auto" start={block.start} className="my-0.5 list-decimal ps-7">
        {items}
      </ol>
    );
  }
  return (
    <p key={key} dir="auto" className={LINES}>
      {draw(block.inlines, userId)}
    </p>
  );
}

interface RichTextProps {
  readonly text: string;
  /** Finds who is meant by an `@name`. Keep its identity while the people stay the same. */
  readonly mentionAt?: FindMention | undefined;
  /** Whose mentions stand out. */
  readonly userId?: string | undefined;
}

/** A message's text as Markdown. React elements are made of it, never HTML. */
export const RichText = memo(function RichText({ text, mentionAt, userId }: RichTextProps) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > CUT;
  const shown = cut ? `${text.slice(0, CUT * 0.75)}…` : text;
  const big = text.length < 60 && ONLY_EMOJI.test(text);
  const blocks = useMemo(() => (big ? [] : parseMarkdown(shown, { mentionAt })), [big, shown, mentionAt]);
  return (
    <>
      {big ? (
        <p className={cx(LINES, "text-3xl leading-snug")}>{text}</p>
      ) : (
        blocks.map((block, index) => drawBlock(block, index, userId))
      )}
      {cut ? (
        <button
          type="button"
          onClick={() => setWhole(true)}
          className="mt-1 rounded-sm text-sm font-medium text-accent underline-offset-3 hover:underline"
        >
          {words.chat.showAll(text.length)}
        </button>
      ) : null}
    </>
  );
});
