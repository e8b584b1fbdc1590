import { afterEach, expect, test, vi } from "vitest";
import { createBatcher, createLookup } from "./batcher.js";

afterEach(() => vi.useRealTimers());

/** A batcher whose batches end when the test says so. */
function steered(options: { size?: number; waiting?: number; patienceMs?: number } = {}) {
  const batches: { jobs: readonly number[]; end(error?: Error): void }[] = [];
  const batcher = createBatcher<number, string>({
    size: 3,
    waiting: 4,
    patienceMs: 60_000,
    ...options,
    run: (jobs) =>
      new Promise((resolve, reject) => {
        batches.push({
          jobs,
          end(error) {
            if (error) return reject(error);
            resolve(
              jobs.map((job) =>
                job < 0
                  ? { status: "rejected", reason: new Error(`no ${job}`) }
                  : { status: "fulfilled", value: `did ${job}` },
              ),
            );
          },
        });
      }),
  });
  return { batches, add: batcher.add };
}

test("[HTTP1] what arrives together goes together, what arrives meanwhile makes the next batch, each has its own end", async () => {
  const { batches, add } = steered();
  const first = [add(1), add(-2)];
  await expect.poll(() => batches.length).toBe(1);
  const second = [add(3), add(4), add(5), add(6)];
  batches[0]?.end();
  expect(await first[0]).toBe("did 1");
  await expect(first[1]).rejects.toThrow("no -2");
  await expect.poll(() => batches.length).toBe(2);
  batches[1]?.end();
  await expect.poll(() => batches.length).toBe(3);
  batches[2]?.end();
  expect(await Promise.all(second)).toEqual(["did 3", "did 4", "did 5", "did 6"]);
  expect(batches.map(({ jobs }) => jobs)).toEqual([[1, -2], [3, 4, 5], [6]]);
});

test("[HTTP1] beyond the bound, and after its patience, a job is told that the server is busy", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { batches, add } = steered({ size: 1, waiting: 2, patienceMs: 1_000 });
  const running = add(1);
  await expect.poll(() => batches.length).toBe(1);
  const late = Promise.allSettled([add(2), add(3)]);
  await expect(add(4)).rejects.toMatchObject({ code: "overloaded" });
  vi.advanceTimersByTime(1_001);
  batches[0]?.end();
  expect(await running).toBe("did 1");
  const refused = { status: "rejected", reason: { code: "overloaded" } };
  expect(await late).toMatchObject([refused, refused]);
});

test("[OPS18] when a batch fails as a whole, nobody waits for the next one to fail too", async () => {
  const { batches, add } = steered({ size: 1 });
  const jobs = Promise.allSettled([add(1), add(2), add(3)]);
  await expect.poll(() => batches.length).toBe(1);
  batches[0]?.end(new Error("the database is away"));
  for (const end of await jobs)
    expect(end).toMatchObject({ status: "rejected", reason: { message: "the database is away" } });
  const later = add(4);
  await expect.poll(() => batches.length).toBe(2);
  batches[1]?.end();
  expect(await later).toBe("did 4");
});

test("[OPS21] what is asked at one time is read once, after it was asked; what is not there is null", async () => {
  const reads: (readonly string[])[] = [];
  const stored = new Map<string, string>();
  const lookUp = createLookup(async (keys: readonly string[]) => {
    reads.push(keys);
    return new Map(stored);
  });
  const first = Promise.all(["a", "b", "a", "none"].map(lookUp));
  stored.set("a", "1").set("b", "2");
  expect(await first).toEqual(["1", "2", "1", null]);
  stored.set("a", "3");
  expect(await lookUp("a")).toBe("3");
  expect(reads).toEqual([["a", "b", "none"], ["a"]]);
});
