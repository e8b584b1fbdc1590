import { useCallback, useState } from "react";
import { KEYS, loadJson, save } from "../../lib/storage.js";

/** The message that is being answered, as much of it as the composer shows. */
export interface Answered {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

const LENGTH = 200;

function read(value: unknown): Answered | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name, text } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof text === "string"
    ? { id, name, text }
    : null;
}

/** What is being answered in a room; it is kept with the draft. */
export function useAnswer(roomId: string): [Answered | null, (next: Answered | null) => void] {
  const [answered, setAnswered] = useState(() => loadJson(KEYS.reply(roomId), read));
  const change = useCallback(
    (next: Answered | null) => {
      const short = next && { ...next, text: next.text.slice(0, LENGTH).replace(/\s+/g, " ") };
      setAnswered(short);
      save(KEYS.reply(roomId), short && JSON.stringify(short));
    },
    [roomId],
  );
  return [answered, change];
}
