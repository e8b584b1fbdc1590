import type { Page } from "playwright-core";

/** What was seen while a list was read upwards. */
export interface Reading {
  /** The largest move of a line under the reader's eye, beside what they scrolled, in pixels. */
  readonly worst: number;
  /** What was above the watched line when that happened. */
  readonly worstAt: string;
  /** Painted frames that were compared. */
  readonly frames: number;
  /** Lines in the page at most. */
  readonly lines: number;
}

/**
 * Reads a timeline upwards until `isDone` says that the top is reached, half a screen with every frame, and
 * compares each painted frame with the one before: a line that both show has moved by what was scrolled, and nothing
 * else. An intersection observer tells the place of a line as it is painted; asked in between, the layout would be
 * that of a state which nobody sees.
 */
export async function readUpwards(page: Page, until: string, withinMs: number): Promise<Reading> {
  return await page.getByRole("log").evaluate(
    async (log, [end, within]) => {
      // Lists measure their lines and draw anew within a frame, after the callbacks of its beginning. Boxes deep below the
      // page that grow one after the other are told of it behind them: what is there by then is painted.
      let deep: HTMLElement = document.body;
      const boxes = Array.from({ length: 40 }, () => {
        const box = document.createElement("div");
        box.style.cssText = "position: absolute; height: 1px; visibility: hidden";
        deep.append(box);
        deep = box;
        return box;
      }).slice(-4);
      const seqOf = (row: Element) => (row as HTMLElement).dataset.seq ?? "";
      /** Places of all lines as the next frame paints them. */
      const paint = () =>
        new Promise<Map<string, DOMRectReadOnly>>((resolve) => {
          let at = 0;
          const grow = () => {
            const box = boxes[at];
            if (box) box.style.width = box.style.width === "2px" ? "1px" : "2px";
          };
          const look = () => {
            late.disconnect();
            const rows = [...log.querySelectorAll("[data-seq]")];
            const observer = new IntersectionObserver((entries) => {
              observer.disconnect();
              resolve(new Map(entries.map((entry) => [seqOf(entry.target), entry.boundingClientRect])));
            });
            for (const row of rows) observer.observe(row);
            if (rows.length === 0) resolve(new Map());
          };
          let isFirst = true;
          const late = new ResizeObserver(() => {
            // The first word of an observer is that it has begun.
            if (isFirst) isFirst = false;
            else at += 1;
            if (at < boxes.length) grow();
            else look();
          });
          requestAnimationFrame(() => {
            for (const box of boxes) late.observe(box);
          });
        });
      const result = { worst: 0, worstAt: "", frames: 0, lines: 0 };
      const deadline = performance.now() + within;
      const view = log.getBoundingClientRect();
      const step = Math.floor(view.height * 0.55);
      let before = await paint();
      for (let rests = 0; rests < 30; ) {
        if (performance.now() > deadline) {
          const first = log.querySelector<HTMLElement>("[data-seq]")?.dataset.seq;
          throw new Error(`not at the top within ${within} ms, but at ${first}`);
        }
        const isTop = [...log.querySelectorAll("h2")].some((title) => title.textContent?.startsWith(end));
        const way = Math.min(step, Math.max(0, Math.floor(log.scrollTop) - 1));
        rests = isTop && way === 0 ? rests + 1 : 0;
        log.scrollTop -= way;
        const after = await paint();
        result.frames += 1;
        result.lines = Math.max(result.lines, after.size);
        for (const [row, was] of before) {
          const isSeen = was.top >= view.top && was.bottom + way <= view.bottom;
          if (!isSeen) continue;
          const is = after.get(row);
          const drift = is ? Math.abs(is.top - was.top - way) : 1_000;
          if (drift <= result.worst) continue;
          result.worst = drift;
          result.worstAt = `${row}, ${is ? `moved by ${is.top - was.top} of ${way}` : "gone"}, frame ${result.frames}`;
        }
        before = after;
      }
      return result;
    },
    [until, withinMs] as const,
  );
}
