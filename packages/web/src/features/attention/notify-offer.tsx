import { Bell } from "lucide-react";
import { Button } from "../../ui/button.js";
import { words } from "../../words/words.js";
import { allowNotifications, declineNotifications, useHasWritten, useNotifyState } from "./notify-store.js";

/** Offers notifications once somebody has written something, in a quiet place, and takes no for an answer. */
export function NotifyOffer() {
  const state = useNotifyState();
  const hasWritten = useHasWritten();
  if (state !== "unasked" || !hasWritten) return null;
  return (
    <section
      aria-label={words.notifications.title}
      className="m-2 grid animate-rise gap-2.5 rounded-lg bg-surface p-3 shadow-1 ring-1 ring-line"
    >
      <p className="flex gap-2 text-sm text-ink-soft">
        <Bell aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-brass" />
        {words.notifications.offer}
      </p>
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" variant="primary" onClick={() => void allowNotifications()}>
          {words.notifications.turnOn}
        </Button>
        <Button size="sm" variant="quiet" onClick={declineNotifications}>
          {words.notifications.notNow}
        </Button>
      </div>
    </section>
  );
}
