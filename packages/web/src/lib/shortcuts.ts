import { useEffect, useRef } from "react";
import { words } from "../words/words.js";

type Modifier = "mod" | "alt" | "shift";
type KeyWord = keyof typeof words.keys;

interface Keys {
  /** `KeyboardEvent.key`, letters in lower case. */
  readonly key: string;
  readonly modifiers: readonly Modifier[];
  readonly group: "around" | "writing" | "calls";
  readonly text: Extract<KeyWord, string>;
}

/**
 * All keys that do something everywhere: the handlers and the list that `?` shows are made from this table. What has no
 * modifier rests while somebody types.
 */
export const SHORTCUTS = {
  switch: { key: "k", modifiers: ["mod"], group: "around", text: "switch" },
  previous: { key: "ArrowUp", modifiers: ["alt"], group: "around", text: "previous" },
  next: { key: "ArrowDown", modifiers: ["alt"], group: "around", text: "next" },
  previousUnread: { key: "ArrowUp", modifiers: ["alt", "shift"], group: "around", text: "previousUnread" },
  nextUnread: { key: "ArrowDown", modifiers: ["alt", "shift"], group: "around", text: "nextUnread" },
  read: { key: "Escape", modifiers: [], group: "around", text: "read" },
  help: { key: "?", modifiers: [], group: "around", text: "help" },
  mute: { key: "m", modifiers: [], group: "calls", text: "mute" },
  camera: { key: "v", modifiers: [], group: "calls", text: "camera" },
  hand: { key: "h", modifiers: [], group: "calls", text: "hand" },
} as const satisfies Record<string, Keys>;

/** Keys of a room and its composer, which have handlers of their own; listed with the others. */
export const ROOM_KEYS = [
  { key: "/", modifiers: [], group: "around", text: "search" },
  { key: "Enter", modifiers: [], group: "writing", text: "send" },
  { key: "Enter", modifiers: ["shift"], group: "writing", text: "newLine" },
  { key: "ArrowUp", modifiers: [], group: "writing", text: "editLast" },
  { key: "Escape", modifiers: [], group: "writing", text: "cancelEdit" },
  { key: " ", modifiers: [], group: "calls", text: "talk" },
] as const satisfies readonly Keys[];

/** Names of the shortcuts. */
export type ShortcutId = keyof typeof SHORTCUTS;

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** A shortcut as it is printed on this device's keys. */
export function keyNames({ key, modifiers }: Pick<Keys, "key" | "modifiers">): string[] {
  const { names } = words.keys;
  const own =
    { ArrowUp: names.up, ArrowDown: names.down, " ": names.space }[key] ??
    (key.length === 1 ? key.toUpperCase() : key);
  const printed = {
    mod: isApple ? names.modApple : names.mod,
    alt: isApple ? names.altApple : names.alt,
    shift: names.shift,
  };
  return [...modifiers.map((modifier) => printed[modifier]), own];
}

/** The field that has the focus, if somebody types there. */
function field(target: EventTarget | null): { text: string } | null {
  if (target instanceof HTMLTextAreaElement) return { text: target.value };
  if (target instanceof HTMLInputElement) {
    return /^(checkbox|radio|button|range|file)$/.test(target.type) ? null : { text: target.value };
  }
  if (target instanceof HTMLSelectElement) return { text: target.value };
  return target instanceof HTMLElement && target.isContentEditable ? { text: target.innerText } : null;
}

/** Whether somebody types there. */
export function isTyping(target: EventTarget | null): boolean {
  return field(target) !== null;
}

/** Which shortcut an event means here and now; `null` for keys that belong to what has the focus. */
export function shortcutOf(event: KeyboardEvent): ShortcutId | null {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return null;
  if (event.getModifierState("AltGraph") || document.querySelector("dialog[open]")) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  for (const [id, { key: wanted, modifiers }] of Object.entries(SHORTCUTS) as [ShortcutId, Keys][]) {
    const has = (modifier: Modifier) => modifiers.includes(modifier);
    const mod = isApple ? event.metaKey : event.ctrlKey;
    const other = isApple ? event.ctrlKey : event.metaKey;
    if (key !== wanted || mod !== has("mod") || other || event.altKey !== has("alt")) continue;
    // The question mark is where the layout has it, with Shift or without.
    if (key.length > 1 && event.shiftKey !== has("shift")) continue;
    return mayRun(event, id) ? id : null;
  }
  return null;
}

function mayRun(event: KeyboardEvent, id: ShortcutId): boolean {
  const typing = field(event.target);
  if (!typing || id === "switch") return true;
  // Letters are for the field.
  if (SHORTCUTS[id].key.length === 1) return false;
  // In an empty field these keys have nothing else to do. With text in it Esc belongs to the field, and on Apple's
  // systems Alt and an arrow move by a paragraph.
  return typing.text === "" || (id !== "read" && !isApple);
}

/** Runs the handlers of shortcuts while the component is shown. */
export function useShortcuts(handlers: Readonly<Partial<Record<ShortcutId, () => void>>>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const id = shortcutOf(event);
      const run = id && latest.current[id];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
