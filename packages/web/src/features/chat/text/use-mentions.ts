import type { Message, Profile } from "@parlor/protocol";
import { useMemo } from "react";
import type { FindMention } from "./inline.js";
import { mentionFinder } from "./mentions.js";

/** Finds the people whom a message mentions; the same function while message and people stay the same. */
export function useMentions(
  message: Message,
  profiles: ReadonlyMap<string, Profile>,
): FindMention | undefined {
  const isPlain = !message.mentions?.length && !message.mentions_room;
  const people = isPlain ? null : profiles;
  return useMemo(() => (people ? mentionFinder(message, people) : undefined), [message, people]);
}
