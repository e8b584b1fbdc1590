import { type ComponentProps, type KeyboardEvent, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { cx } from "../../lib/cx.js";

const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** Whether a key belongs to an input method that is still composing a word: Enter then chooses, it does not send. */
export function isComposing(event: KeyboardEvent): boolean {
  // Safari ends the composition before the key that ended it; 229 is what it says then.
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

/** A text area as high as its text, up to its `max-height`. */
export function AutosizeArea({ className, value, ref, ...rest }: ComponentProps<"textarea">) {
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => area.current as HTMLTextAreaElement);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text that is shown.
  useLayoutEffect(() => {
    const element = area.current;
    if (GROWS_BY_ITSELF || !element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [value]);
  return (
    <textarea
      {...rest}
      ref={area}
      rows={1}
      value={value}
      dir="auto"
      className={cx("w-full resize-none [field-sizing:content]", className)}
    />
  );
}
