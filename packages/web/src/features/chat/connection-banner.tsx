import type { ConnectionStatus } from "@parlor/client";
import { CloudOff, RefreshCw, WifiOff } from "lucide-react";
import { memo, useEffect, useState } from "react";
import { useNow } from "../../lib/use-now.js";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";

/** A connection that is back within this time was not worth a word. */
const PATIENCE = 2_000;

/** Whether something has held for so long without a break. */
function useLasting(holds: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!holds) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), ms);
    return () => clearTimeout(timer);
  }, [holds, ms]);
  return holds && lasting;
}

function textOf(status: ConnectionStatus, nextAttemptAt: number | null, now: number): string {
  const { connection } = words;
  if (status === "offline") return connection.offline;
  if (status === "polling") return connection.polling;
  if (status === "connecting") return connection.connecting;
  const seconds = nextAttemptAt === null ? 0 : Math.ceil((nextAttemptAt - now) / 1_000);
  return seconds > 0 ? connection.reconnectingIn(seconds) : connection.reconnecting;
}

interface ConnectionBannerProps {
  readonly status: ConnectionStatus;
  readonly nextAttemptAt: number | null;
  readonly onRetry: () => void;
}

/** Says that the connection is not as it should be, once that lasts. It lies over the timeline and moves nothing. */
export const ConnectionBanner = memo(function ConnectionBanner({
  status,
  nextAttemptAt,
  onRetry,
}: ConnectionBannerProps) {
  const shown = useLasting(status !== "live" && status !== "closed", PATIENCE);
  const now = useNow(1_000, shown && nextAttemptAt !== null);
  return (
    <div
      role="status"
      aria-label={words.connection.label}
      className="pointer-events-none absolute inset-x-0 top-2 z-20 flex justify-center px-3"
    >
      {shown ? (
        <div className="pointer-events-auto flex max-w-full animate-rise items-center gap-2.5 rounded-full bg-ink py-1 ps-4 pe-1 text-sm text-paper shadow-2">
          {status === "offline" ? (
            <WifiOff aria-hidden="true" className="size-4 shrink-0" />
          ) : status === "polling" ? (
            <CloudOff aria-hidden="true" className="size-4 shrink-0" />
          ) : (
            <Spinner className="shrink-0" />
          )}
          <span className="min-w-0 py-1">{textOf(status, nextAttemptAt, now)}</span>
          <button
            type="button"
            onClick={onRetry}
            className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-full bg-paper/15 px-3 font-medium hover:bg-paper/25 focus-visible:outline-paper"
          >
            <RefreshCw aria-hidden="true" className="size-3.5" />
            {words.connection.retryNow}
          </button>
        </div>
      ) : null}
    </div>
  );
});
