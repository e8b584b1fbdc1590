import { Sparkles } from "lucide-react";
import { takeNewVersion, useNewVersion } from "../../lib/shell.js";
import { Button } from "../../ui/button.js";
import { words } from "../../words/words.js";

/** Says in a quiet place that there is a newer version, and takes it when the person wants. */
export function UpdateOffer() {
  if (!useNewVersion()) return null;
  return (
    <section
      aria-label={words.update.ready}
      className="m-2 flex animate-rise items-center gap-2 rounded-lg bg-surface p-2 ps-3 shadow-1 ring-1 ring-line"
    >
      <Sparkles aria-hidden="true" className="size-4 shrink-0 text-brass" />
      <p role="status" className="min-w-0 flex-1 text-sm text-ink-soft">
        {words.update.ready}
      </p>
      <Button size="sm" variant="primary" onClick={takeNewVersion}>
        {words.update.take}
      </Button>
    </section>
  );
}
