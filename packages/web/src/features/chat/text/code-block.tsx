import { Copy } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { copyText } from "../../../ui/copy-text.js";
import { IconButton } from "../../../ui/icon-button.js";
import { words } from "../../../words/words.js";

/** Code beyond this many characters is shown without colours. */
const COLOURED = 20_000;

/** A block of code: as written at once, in colours as soon as these are loaded; its size stays the same. */
export function CodeBlock({ language, text }: { language: string; text: string }) {
  const [coloured, setColoured] = useState<ReactNode>(null);
  useEffect(() => {
    if (text.length > COLOURED) return;
    let current = true;
    import("./highlight.js").then(
      ({ highlight }) => {
        if (current) setColoured(highlight(text, language));
      },
      // Plain code is readable too.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [text, language]);
  return (
    <figure className="group/code relative my-1 max-w-full" aria-label={words.chat.code(language)}>
      <pre
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md bg-sunken px-3 py-2 pe-12 font-mono text-sm leading-5 ring-1 ring-line ring-inset"
      >
        <code>{coloured ?? text}</code>
      </pre>
      <span className="absolute end-1 top-1 opacity-0 transition-opacity group-focus-within/code:opacity-100 group-hover/code:opacity-100">
        <IconButton
          icon={Copy}
          size="sm"
          label={words.chat.copyCode}
          onClick={() => void copyText(text)}
          className="bg-sunken"
        />
      </span>
    </figure>
  );
}
