import { describe, expect, test } from "vitest";
import { createQueue } from "./queue.js";

/** A job that ends when it is told to. */
function job() {
  let started = false;
  let end: (error?: Error) => void = () => {};
  const work = () =>
    new Promise<string>((resolve, reject) => {
      started = true;
      end = (error) => (error ? reject(error) : resolve("done"));
    });
  return { work, started: () => started, end: (error?: Error) => end(error) };
}

describe("createQueue", () => {
  test("[AV14] runs as many as it has slots, in order, and refuses beyond its line", async () => {
    const queue = createQueue({ slots: 1, waiting: 1 });
    const [first, second, third, last] = [job(), job(), job(), job()];
    const running = queue.run(first.work);
    const waiting = queue.run(second.work);
    await expect(queue.run(third.work)).rejects.toMatchObject({ code: "overloaded" });
    expect([first.started(), second.started(), third.started()]).toEqual([true, false, false]);
    first.end();
    expect(await running).toBe("done");
    expect(second.started()).toBe(true);
    const after = queue.run(last.work);
    expect(last.started()).toBe(false);
    second.end(new Error("broken"));
    await expect(waiting).rejects.toThrow("broken");
    last.end();
    expect(await after).toBe("done");
    expect(await queue.run(async () => "free")).toBe("free");
  });

  test("[WS13] jobs run in the order of asking, so many at a time, also after one that failed", async () => {
    const queue = createQueue({ slots: 2, waiting: Number.POSITIVE_INFINITY });
    const began: number[] = [];
    const release: (() => void)[] = [];
    const work = (n: number) =>
      queue.run(async () => {
        began.push(n);
        await new Promise<void>((resolve) => release.push(resolve));
        if (n === 0) throw new Error("this one fails");
      });
    const all = [0, 1, 2, 3].map((n) => work(n));
    const failed = expect(all[0]).rejects.toThrow("this one fails");
    expect(began).toEqual([0, 1]);
    release[0]?.();
    await failed;
    expect(began).toEqual([0, 1, 2]);
    release[2]?.();
    await all[2];
    expect(began).toEqual([0, 1, 2, 3]);
    for (const free of release) free();
    await Promise.all(all.slice(1));
  });
});
