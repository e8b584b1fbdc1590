import { words } from "../../words/words.js";

const LINES = [
  { key: "a", widths: ["78%", "52%"] },
  { key: "b", widths: ["41%"] },
  { key: "c", widths: ["86%", "70%", "33%"] },
  { key: "d", widths: ["57%"] },
] as const;

/** The shape of a conversation while it loads. */
export function TimelineSkeleton() {
  return (
    <div
      role="status"
      aria-label={words.common.loading}
      className="flex min-h-0 flex-1 flex-col justify-end gap-6 overflow-hidden px-4 pb-6 sm:px-6"
    >
      {LINES.map(({ key, widths }) => (
        <div key={key} className="flex animate-breathe gap-3.5">
          <span className="size-10 shrink-0 rounded-[32%] bg-pressed" />
          <span className="grid flex-1 content-start gap-2.5 pt-1">
            <span className="h-3 w-24 rounded-sm bg-pressed" />
            {widths.map((width) => (
              <span key={width} className="h-3 max-w-lg rounded-sm bg-hover" style={{ width }} />
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}
