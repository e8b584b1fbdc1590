import type { Message } from "@parlor/protocol";
import { type Caller, hasPresented } from "../users/caller.js";

/** What its author's client called a message is the author's alone. */
export function forReader(message: Message, caller: Caller): Message {
  return hasPresented(caller, message.user_id) ? message : withoutClientId(message);
}

/** The same for an answer to those who changed the message. */
export function forActors(message: Message, actors: ReadonlySet<string>): Message {
  return actors.has(message.user_id) ? message : withoutClientId(message);
}

function withoutClientId({ client_id: _, ...message }: Message): Message {
  return message;
}
