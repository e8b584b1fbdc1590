import type { Page } from "playwright-core";

/** What a page has drawn since it was asked last. */
export interface Renders {
  /** Times that a line of the timeline was drawn, new ones too. */
  readonly rows: number;
  /** The same by the number of the message. */
  readonly bySeq: Readonly<Record<string, number>>;
  /** Times that anything was: commits of React. */
  readonly commits: number;
  /** The most commits between two frames. */
  readonly mostInFrame: number;
  /** Times that the field for writing, the header and the people were drawn. */
  readonly around: Readonly<Record<string, number>>;
}

/**
 * Counts what React draws, by the hook that it offers to its developer tools in every build. To be called before the page
 * is opened; a component is known by its properties, since a build has no names.
 */
export async function countRenders(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Fiber {
      readonly alternate: Fiber | null;
      readonly child: Fiber | null;
      readonly sibling: Fiber | null;
      readonly flags: number;
      readonly tag: number;
      readonly memoizedProps: Record<string, unknown> | null;
    }
    const PERFORMED_WORK = 1;
    const HOST = 5;
    /** What they alone are given. */
    const AROUND = { composer: "onEditLast", header: "onTogglePeople", person: "you" };
    const empty = () => ({
      rows: 0,
      bySeq: {} as Record<string, number>,
      around: {} as Record<string, number>,
      commits: 0,
      mostInFrame: 0,
    });
    let seen = empty();
    let inFrame = 0;
    const note = ({ memoizedProps: props, tag }: Fiber) => {
      if (!props || tag === HOST) return;
      if ("verbs" in props && "onActivate" in props) {
        const { seq } = props.message as { seq: number };
        seen.rows += 1;
        seen.bySeq[seq] = (seen.bySeq[seq] ?? 0) + 1;
        return;
      }
      for (const [name, sign] of Object.entries(AROUND))
        if (sign in props) seen.around[name] = (seen.around[name] ?? 0) + 1;
    };
    const walk = (fiber: Fiber, isNew: boolean) => {
      if (isNew || (fiber.flags & PERFORMED_WORK) !== 0) note(fiber);
      if (!isNew && fiber.alternate && fiber.child === fiber.alternate.child) return;
      for (let child = fiber.child; child; child = child.sibling)
        walk(child, isNew || child.alternate === null);
    };
    Object.assign(window, {
      takeRenders() {
        const taken = seen;
        seen = empty();
        return taken;
      },
      __REACT_DEVTOOLS_GLOBAL_HOOK__: {
        supportsFiber: true,
        inject: () => 1,
        onCommitFiberUnmount() {},
        onPostCommitFiberRoot() {},
        onCommitFiberRoot(_id: number, root: { readonly current: Fiber }) {
          if (inFrame === 0) requestAnimationFrame(() => setTimeout(() => (inFrame = 0)));
          inFrame += 1;
          seen.commits += 1;
          seen.mostInFrame = Math.max(seen.mostInFrame, inFrame);
          walk(root.current, false);
        },
      },
    });
  });
}

/** What was drawn since the last time. */
export async function takeRenders(page: Page): Promise<Renders> {
  return await page.evaluate(() => (window as unknown as { takeRenders: () => Renders }).takeRenders());
}
