import { keyNames, ROOM_KEYS, SHORTCUTS } from "../../lib/shortcuts.js";
import { Dialog } from "../../ui/dialog.js";
import { words } from "../../words/words.js";

const ROWS = [...Object.values(SHORTCUTS), ...ROOM_KEYS];
const GROUPS = ["around", "writing", "calls"] as const;

/** What the keys do: the table that the handlers are made from. */
export function ShortcutMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.keys.title} description={words.keys.anywhere}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it holds nothing to focus, and scrolls by the keyboard. */}
      <div className="grid gap-5 px-5 pt-2 pb-6 -outline-offset-2 sm:px-6" tabIndex={0}>
        {GROUPS.map((group) => (
          <section key={group} aria-label={words.keys[group]}>
            <h3 className="pb-1 text-xs font-semibold text-ink-faint">{words.keys[group]}</h3>
            <dl>
              {ROWS.filter((row) => row.group === group).map((row) => (
                <div
                  key={row.text}
                  className="flex items-center justify-between gap-4 border-t border-line py-2 first:border-t-0"
                >
                  <dt>{words.keys[row.text]}</dt>
                  <dd dir="ltr" className="flex shrink-0 gap-1">
                    {keyNames(row).map((name) => (
                      <kbd
                        key={name}
                        className="min-w-7 rounded-sm bg-sunken px-1.5 py-0.5 text-center font-sans text-xs font-medium text-ink-soft ring-1 ring-line"
                      >
                        {name}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
