import { useCallback, useEffect, useRef, useState } from "react";

/** Loading begins so many pixels before the first or last line comes into view. */
const AHEAD = 1_200;

/** Loads pages at one end of the list as the person comes near it. `far` is the distance from that end in pixels. */
export function usePages(read: () => Promise<void>, more: boolean) {
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState(false);
  const running = useRef(false);
  const distance = useRef(Number.POSITIVE_INFINITY);

  const load = useCallback(async () => {
    if (running.current || !more) return;
    running.current = true;
    setLoading(true);
    setFailed(false);
    try {
      await read();
    } catch {
      setFailed(true);
    } finally {
      running.current = false;
      setLoading(false);
    }
  }, [read, more]);

  const onScroll = useCallback(
    (far: number) => {
      distance.current = far;
      if (far < AHEAD && !failed) void load();
    },
    [load, failed],
  );

  useEffect(() => {
    // The page that just came may be shorter than the way to the end.
    if (!loading && !failed && distance.current < AHEAD) void load();
  }, [loading, failed, load]);

  return { loading, failed, load: () => void load(), onScroll };
}
