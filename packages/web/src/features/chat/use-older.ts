import type { RoomClient } from "@parlor/client";
import { useCallback, useEffect, useRef, useState } from "react";

/** Loading begins so many pixels before the first line comes into view. */
const AHEAD = 1_200;

/** Loads older messages as the person comes near the first one. */
export function useOlder(client: RoomClient, more: boolean) {
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState(false);
  const running = useRef(false);
  const offset = useRef(Number.POSITIVE_INFINITY);

  const load = useCallback(async () => {
    if (running.current || !more) return;
    running.current = true;
    setLoading(true);
    setFailed(false);
    try {
      await client.loadOlder();
    } catch {
      setFailed(true);
    } finally {
      running.current = false;
      setLoading(false);
    }
  }, [client, more]);

  const onScroll = useCallback(
    (next: number) => {
      offset.current = next;
      if (next < AHEAD && !failed) void load();
    },
    [load, failed],
  );

  useEffect(() => {
    // The page that just came may be shorter than the way to the top.
    if (!loading && !failed && offset.current < AHEAD) void load();
  }, [loading, failed, load]);

  return { loading, failed, load: () => void load(), onScroll };
}
