import { useCallback, useEffect, useState } from "react";
import { explain } from "../../../lib/explain.js";

/** Something that is read once when it is shown, with its trouble and the way to try again. `read` keeps its identity. */
export function useLoaded<T>(read: () => Promise<T>): {
  value: T | null;
  error: string | null;
  again: () => void;
} {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn reads again.
  useEffect(() => {
    let current = true;
    setError(null);
    read().then(
      (found) => {
        if (current) setValue(found);
      },
      (cause) => {
        if (current) setError(explain(cause));
      },
    );
    return () => {
      current = false;
    };
  }, [read, turn]);
  const again = useCallback(() => setTurn((count) => count + 1), []);
  return { value, error, again };
}
