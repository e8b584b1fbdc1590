import type { RoomState } from "@parlor/client";
import type { Profile } from "@parlor/protocol";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { findPeople, type Token, tokenAt } from "./complete.js";
import type { Emoji } from "./emoji/emoji-data.js";

const SHOWN = 6;

/** One thing that can stand in place of what is being typed. */
export type Choice =
  | { readonly kind: "person"; readonly key: string; readonly text: string; readonly profile: Profile }
  | { readonly kind: "emoji"; readonly key: string; readonly text: string; readonly emoji: Emoji };

interface CompletionOptions {
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly profiles: RoomState["profiles"];
  readonly online: RoomState["online"];
  readonly userId: string;
  readonly text: string;
  readonly setText: (text: string) => void;
}

/** Completion of people and emoji before the caret: what can be chosen, and the keys that do it. */
export function useCompletion(options: CompletionOptions) {
  const { area, profiles, online, userId, text, setText } = options;
  const [token, setToken] = useState<Token | null>(null);
  const [active, setActive] = useState(0);
  const [emoji, setEmoji] = useState<readonly Emoji[]>([]);
  const query = token?.kind === "emoji" ? token.query : null;

  useEffect(() => {
    if (query === null) return;
    let current = true;
    Promise.all([import("./emoji/emoji-data.js"), import("./emoji/use-emoji.js")]).then(
      async ([{ findEmoji }, { localEmoji }]) => {
        const all = await localEmoji();
        if (current) setEmoji(findEmoji(query, SHOWN, all));
      },
      // Without the data a colon is a colon.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [query]);

  let choices: readonly Choice[] = [];
  if (token?.kind === "person") {
    const people = [...profiles.values()].filter((profile) => profile.user_id !== userId);
    choices = findPeople(people, token.query, new Set(online), SHOWN).map((profile) => ({
      kind: "person",
      key: profile.user_id,
      text: `@${profile.username} `,
      profile,
    }));
  } else if (token) {
    choices = emoji.map((found) => ({
      kind: "emoji",
      key: found.emoji,
      text: `${found.emoji} `,
      emoji: found,
    }));
  }
  const chosen = Math.min(active, choices.length - 1);

  /** Looks at what stands before the caret; to be called after each change and move. */
  function look() {
    const element = area.current;
    const isOne = element && element.selectionStart === element.selectionEnd;
    const next = isOne ? tokenAt(element.value, element.selectionStart) : null;
    if (next?.start !== token?.start || next?.query !== token?.query) setActive(0);
    setToken(next);
  }
  function choose(choice: Choice | undefined) {
    const element = area.current;
    if (!choice || !token || !element) return;
    const end = token.start + 1 + token.query.length;
    setText(text.slice(0, token.start) + choice.text + text.slice(end));
    setToken(null);
    const caret = token.start + choice.text.length;
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(caret, caret);
    });
  }
  /** Answers whether the key was for the list. */
  function onKeyDown(event: KeyboardEvent): boolean {
    if (choices.length === 0) return false;
    if (event.key === "ArrowDown") setActive((chosen + 1) % choices.length);
    else if (event.key === "ArrowUp") setActive((chosen + choices.length - 1) % choices.length);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(choices[chosen]);
    else if (event.key === "Escape") setToken(null);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
  return { choices, chosen, look, choose, onKeyDown, close: () => setToken(null), setActive };
}
