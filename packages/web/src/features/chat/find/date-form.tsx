import { useState } from "react";
import { useSubmit } from "../../../lib/use-submit.js";
import { Button } from "../../../ui/button.js";
import { TextField } from "../../../ui/field.js";
import { words } from "../../../words/words.js";

interface DateFormProps {
  /** The first day that there is, as `2026-05-01`. */
  readonly first: string | undefined;
  readonly onGo: (day: Date) => Promise<void>;
}

function dayText(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Asks for a day with the browser's own calendar. */
export function DateForm({ first, onGo }: DateFormProps) {
  const [today] = useState(() => dayText(new Date()));
  const [day, setDay] = useState(today);
  // Without a time the text would be midnight in Greenwich.
  const { busy, error, onSubmit } = useSubmit(() => onGo(new Date(`${day}T00:00`)));
  return (
    <form onSubmit={onSubmit} className="grid gap-4 px-5 pt-2 pb-5 sm:px-6">
      <TextField
        label={words.find.day}
        type="date"
        required
        min={first}
        max={today}
        value={day}
        onChange={(event) => setDay(event.target.value)}
        error={error}
        autoFocus
      />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" busy={busy} disabled={!day}>
          {words.find.go}
        </Button>
      </div>
    </form>
  );
}
