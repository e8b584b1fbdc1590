import type { CallRecord } from "@parlor/protocol";
import { Phone, PhoneMissed, PhoneOff } from "lucide-react";
import { cx } from "../../lib/cx.js";
import { Button } from "../../ui/button.js";
import { setCalls, useCalls } from "./call-store.js";
import { callWords } from "./call-words.js";

const MINUTE = 60_000;

interface CallLineProps {
  readonly record: CallRecord;
  readonly roomId: string;
  /** When it began, milliseconds. */
  readonly beganAt: number;
  readonly userId: string;
  /** Whether it is the room's call at the moment. */
  readonly isRunning: boolean;
}

/** A call in the history: how it went, and the way into one that goes on. */
export function CallLine({ record, roomId, beganAt, userId, isRunning }: CallLineProps) {
  const words = callWords();
  const { current } = useCalls();
  const { ended_at: endedAt, people, missed, declined } = record;
  const isAlone = people.length < 2;
  const isMissed = !isRunning && missed.includes(userId);
  const title = isRunning
    ? words.lineRunning
    : isMissed
      ? words.lineMissed
      : isAlone && declined.length > 0
        ? words.lineDeclined
        : isAlone && missed.length > 0
          ? words.lineUnanswered
          : words.lineEnded;
  const minutes = endedAt === null ? 0 : Math.round((Date.parse(endedAt) - beganAt) / MINUTE);
  const details = [
    isRunning || endedAt === null || isAlone ? null : minutes < 1 ? words.short : words.lasted(minutes),
    isAlone ? null : words.people(people.length),
  ].filter((one) => one !== null);
  const Icon = isMissed
    ? PhoneMissed
    : !isRunning && isAlone && missed.length + declined.length > 0
      ? PhoneOff
      : Phone;
  return (
    <div className="mt-1 flex w-full max-w-sm items-center gap-3 rounded-lg bg-surface p-2.5 ring-1 ring-line">
      <span
        className={cx(
          "grid size-10 shrink-0 place-items-center rounded-md",
          isMissed ? "bg-danger-wash text-danger" : "bg-accent-wash text-accent",
        )}
      >
        <Icon aria-hidden="true" className="size-4.5" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        {details.length > 0 ? (
          <span className="block text-sm text-ink-soft">{details.join(" · ")}</span>
        ) : null}
      </span>
      {isRunning && current?.roomId !== roomId ? (
        <Button size="sm" variant="primary" onClick={() => setCalls({ asked: roomId })}>
          {words.joinCall}
        </Button>
      ) : null}
    </div>
  );
}
