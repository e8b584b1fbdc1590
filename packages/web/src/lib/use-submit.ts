import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { explain } from "./explain.js";

/** State of one act that goes to the server: whether it is under way, and what went wrong in words. */
export function useSubmit(work: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const latest = useRef(work);
  const running = useRef(false);
  useEffect(() => {
    latest.current = work;
  });
  const run = useCallback(async () => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await latest.current();
    } catch (cause) {
      setError(explain(cause));
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  const onSubmit = useCallback(
    (event: FormEvent) => {
      event.preventDefault();
      // A dialog's form inside another form's React tree must not submit that one too.
      event.stopPropagation();
      void run();
    },
    [run],
  );
  return { busy, error, setError, run, onSubmit };
}
