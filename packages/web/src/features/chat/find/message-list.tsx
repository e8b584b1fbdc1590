import type { Message, Profile } from "@parlor/protocol";
import { AtSign, type LucideIcon, Pin } from "lucide-react";
import { useCallback } from "react";
import { call } from "../../../lib/api.js";
import { Button } from "../../../ui/button.js";
import { Spinner } from "../../../ui/spinner.js";
import { words } from "../../../words/words.js";
import { plainOf } from "../text/plain.js";
import { MessageCard } from "./message-card.js";
import { useLoaded } from "./use-loaded.js";

/** Goes to a message of any room. */
export type OpenMessage = (message: Message) => void;

interface ListProps {
  readonly read: () => Promise<Message[]>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly onOpen: OpenMessage;
  readonly icon: LucideIcon;
  readonly none: string;
  readonly noneText: string;
}

function MessageList({ read, profiles, onOpen, icon: Icon, none, noneText }: ListProps) {
  const { value, error, again } = useLoaded(read);
  if (error) {
    return (
      <div role="alert" className="grid justify-items-center gap-3 px-6 py-10 text-center">
        <p className="text-ink-soft">
          {words.find.failed} {error}
        </p>
        <Button size="sm" onClick={again}>
          {words.common.retry}
        </Button>
      </div>
    );
  }
  if (!value) {
    return (
      <div role="status" aria-label={words.common.loading} className="grid place-items-center py-12">
        <Spinner />
      </div>
    );
  }
  if (value.length === 0) {
    return (
      <div className="grid justify-items-center gap-1.5 px-6 py-12 text-center">
        <Icon aria-hidden="true" className="mb-1 size-8 text-ink-faint" strokeWidth={1.5} />
        <p className="font-medium">{none}</p>
        <p className="text-sm text-ink-soft">{noneText}</p>
      </div>
    );
  }
  return (
    <ul className="px-2 pb-4 sm:px-3">
      {value.map((message) => (
        <li key={message.id}>
          <MessageCard
            message={message}
            profile={profiles.get(message.user_id)}
            onOpen={() => onOpen(message)}
          >
            {plainOf(message.content.slice(0, 400))}
          </MessageCard>
        </li>
      ))}
    </ul>
  );
}

/** Of long messages the server tells some at a time; an empty answer is the end. */
async function allPins(roomId: string): Promise<Message[]> {
  const pins: Message[] = [];
  for (;;) {
    const page = await call("listPins", { params: { room_id: roomId }, query: { offset: pins.length } });
    if (page.length === 0) return pins;
    pins.push(...page);
  }
}

type ShownProps = Pick<ListProps, "profiles" | "onOpen">;

/** What is pinned in a room. `changed` is another value when a pin came or went. */
export function PinList({ roomId, changed, ...shown }: ShownProps & { roomId: string; changed: string }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed pin reads again.
  const read = useCallback(() => allPins(roomId), [roomId, changed]);
  return (
    <MessageList
      {...shown}
      read={read}
      icon={Pin}
      none={words.find.pinsNone}
      noneText={words.find.pinsNoneText}
    />
  );
}

/** What mentions a person, in all rooms. */
export function MentionList({ userId, ...shown }: ShownProps & { userId: string }) {
  const read = useCallback(
    () => call("listMentions", { params: { user_id: userId }, query: { limit: 50 } }),
    [userId],
  );
  return (
    <MessageList
      {...shown}
      read={read}
      icon={AtSign}
      none={words.find.mentionsNone}
      noneText={words.find.mentionsNoneText}
    />
  );
}
