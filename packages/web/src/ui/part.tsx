import { type ComponentType, type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import { words } from "../words/words.js";
import { Button } from "./button.js";
import { toast } from "./toast.js";

interface PartProps {
  /** While this is false it is not wanted yet. */
  readonly open?: boolean;
  /** Stands in its place while it is on its way, instead of what the part itself has for that. */
  readonly waiting?: ReactNode;
}

/**
 * A part of the program that comes when it is wanted: a component whose file may still be on its way. One that opens
 * (it has a property `open`) is wanted from its first opening on.
 */
export interface Part<P> {
  (props: P & PartProps): ReactNode;
  /** Fetches it now, so that nobody waits for it later; a failure is tried again when it is wanted. */
  preload(): Promise<void>;
  /** Whether it shows what it is, live; so does one that could not be fetched, as far as it can. */
  useIsHere(): boolean;
}

/** What a part that opens and closes has among its properties. */
interface Opening {
  readonly open?: boolean;
  readonly onClose?: () => void;
}

interface PartOptions {
  /** Stands in its place while it is on its way; nothing, where that is said elsewhere. */
  readonly waiting?: () => ReactNode;
  /**
   * What shows that it could not be fetched: a few words in its place with a way to try again, or nothing at all. A
   * part without a place of its own (a dialog, say) says it in passing and is closed again.
   */
  readonly failing?: "place" | "passing" | "silent";
}

/** The program's one way to fetch a part of itself. Unlike React's own it forgets a failure: the next try can succeed. */
export function part<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { waiting, failing = "passing" }: PartOptions = {},
): Part<P> {
  const listeners = new Set<() => void>();
  let found: ComponentType<P> | null = null;
  let running: Promise<void> | null = null;
  let failures = 0;

  function fetchPart(): Promise<void> {
    if (found) return Promise.resolve();
    running ??= load()
      .then(
        (component) => {
          found = component;
        },
        () => {
          failures += 1;
        },
      )
      .finally(() => {
        running = null;
        for (const listener of [...listeners]) listener();
      });
    return running;
  }
  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
  function Door(props: P & PartProps): ReactNode {
    const Found = useSyncExternalStore(subscribe, () => found);
    const failed = useSyncExternalStore(subscribe, () => failures);
    const { open, onClose } = props as Opening;
    const close = useRef(onClose);
    close.current = onClose;
    useEffect(() => {
      if (open === false) return;
      // Whoever opens it anew asks for it anew.
      const before = failures;
      void fetchPart().then(() => {
        if (failures === before || failing !== "passing") return;
        toast(words.errors.unreachable, "error");
        close.current?.();
      });
    }, [open]);
    if (Found) return <Found {...props} />;
    if (open === false) return props.waiting ?? waiting?.() ?? null;
    if (failed > 0 && failing === "place") return <Missing onRetry={() => void fetchPart()} />;
    return props.waiting ?? waiting?.() ?? null;
  }
  return Object.assign(Door, {
    preload: fetchPart,
    useIsHere: () => useSyncExternalStore(subscribe, () => found !== null || failures > 0),
  });
}

/** In place of what could not be fetched. */
function Missing({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center">
      <p className="text-sm text-ink-soft">{words.errors.unreachable}</p>
      <Button size="sm" variant="outline" onClick={onRetry}>
        {words.common.retry}
      </Button>
    </div>
  );
}

/** Fetches parts one after the other in moments in which the page has nothing else to do. */
export function preloadWhenIdle(parts: readonly Pick<Part<object>, "preload">[]): () => void {
  let isStopped = false;
  let cancel = () => {};
  // A person who saves data fetches what they use.
  const isSaving = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
  const next = (index: number) => {
    const found = parts[index];
    if (!found || isStopped || isSaving) return;
    cancel = whenIdle(() => void found.preload().then(() => next(index + 1)));
  };
  next(0);
  return () => {
    isStopped = true;
    cancel();
  };
}

/** Not later than this, however busy the page is. */
const IDLE_WITHIN = 2_000;

/** Calls back once the page has a moment; answers how to call it off. */
export function whenIdle(run: () => void): () => void {
  // Safari has no idle moments to offer.
  if (typeof requestIdleCallback === "undefined") {
    const timer = setTimeout(run, 50);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: IDLE_WITHIN });
  return () => cancelIdleCallback(handle);
}
