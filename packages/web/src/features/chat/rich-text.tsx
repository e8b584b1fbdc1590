import { Fragment, memo, useState } from "react";
import { cx } from "../../lib/cx.js";
import { words } from "../../words/words.js";
import { splitLinks } from "./links.js";

/** A text longer than this is cut until somebody asks for all of it: a page must not be one message. */
const CUT = 4_000;
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s*){1,5}$/u;

/** A message's text: links clickable, everything else as it was written. React escapes it; no HTML is made of it. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > CUT;
  const shown = cut ? `${text.slice(0, CUT * 0.75)}…` : text;
  const big = text.length < 60 && ONLY_EMOJI.test(text);
  return (
    <>
      <div
        dir="auto"
        className={cx(
          "w-fit max-w-full whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]",
          big && "text-3xl leading-snug",
        )}
      >
        {splitLinks(shown).map((part, index) =>
          part.href ? (
            <a
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other identity.
              key={index}
              href={part.href}
              target="_blank"
              rel="noopener noreferrer nofollow"
              className="rounded-sm text-accent underline decoration-accent/35 underline-offset-3 hover:decoration-accent"
            >
              {part.text}
            </a>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above.
            <Fragment key={index}>{part.text}</Fragment>
          ),
        )}
      </div>
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
