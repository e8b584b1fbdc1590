import { Monitor, Moon, Sun } from "lucide-react";
import { cx } from "../../lib/cx.js";
import { setTheme, useTheme } from "../../ui/theme.js";
import { words } from "../../words/words.js";

const CHOICES = [
  { theme: "system", Icon: Monitor },
  { theme: "light", Icon: Sun },
  { theme: "dark", Icon: Moon },
] as const;

/** System, light or dark. */
export function ThemeField() {
  const chosen = useTheme();
  return (
    <fieldset>
      <legend className="sr-only">{words.profile.theme}</legend>
      <div className="inline-grid w-full grid-cols-3 gap-1 rounded-lg bg-hover p-1 sm:w-auto">
        {CHOICES.map(({ theme, Icon }) => (
          <label
            key={theme}
            className={cx(
              "flex h-10 cursor-pointer items-center justify-center gap-2 rounded-md px-5 transition-colors duration-120",
              "has-focus-visible:outline-2 has-focus-visible:outline-accent",
              theme === chosen
                ? "bg-surface font-medium shadow-1 ring-1 ring-line"
                : "text-ink-soft hover:text-ink",
            )}
          >
            <input
              type="radio"
              name="theme"
              value={theme}
              checked={theme === chosen}
              onChange={() => setTheme(theme)}
              className="sr-only"
            />
            <Icon aria-hidden="true" className="size-4" />
            {words.profile.themes[theme]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
