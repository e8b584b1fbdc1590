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
});
