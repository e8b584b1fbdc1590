import { type Message, ParlorError } from "@parlor/protocol";
import { type Access, accountOf, type Caller, hasPresented, presentedIds } from "../users/caller.js";

/** The users that a request acts for: the one it names, else those whose session it presents. */
export async function actorsOf(
  access: Access,
  caller: Caller,
  userId: string | null | undefined,
): Promise<ReadonlySet<string>> {
  if (userId) {
    const user = await access.authorize(caller, userId);
    if (!user) throw new ParlorError("user_not_found");
    return new Set([user.id]);
  }
  const ids = new Set(presentedIds(caller));
  if (ids.size === 0) throw new ParlorError("session_required", "Say who acts: sign in, or give user_id.");
  return ids;
}

/** The one user who acts. */
export async function actorOf(
  access: Access,
  caller: Caller,
  userId: string | null | undefined,
): Promise<string> {
  const actors = await actorsOf(access, caller, userId);
  const [only] = actors;
  if (actors.size === 1 && only !== undefined) return only;
  const account = accountOf(caller);
  if (account !== null) return account;
  throw new ParlorError("invalid_request", "user_id: say which of your users acts");
}

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
