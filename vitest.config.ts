import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["source", "module", "import", "default"];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };
/**
 * A browser on a busy machine can stand still for long: one more try, and `npm test` names whatever needed it, for somebody
 * to look at. Whatever proves delivery without a browser has none: what is lost once is lost.
 */
const ANOTHER_TRY = 1;

/** One project a kind of test; the server's wire tests run once for each database. */
const serverProject = (name: string, database: string) => ({
  ...shared,
  test: {
    name,
    include: ["packages/server/test/**/*.test.ts"],
    exclude: ["packages/server/test/process/**"],
    globalSetup: ["packages/server/test/support/database-setup.ts"],
    env: { PARLOR_TEST_DATABASE: database },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default defineConfig({
  test: {
    // Most of a test's time is waiting for a process, a page or the database: three fill two cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // A property over many inputs takes its time on a busy machine.
          testTimeout: 30_000,
          // Style sheets are read as text by the test of the page's direction; else they are empty.
          css: true,
          include: [
            "packages/*/src/**/*.test.ts",
            "packages/protocol/test/**/*.test.ts",
            "bench/*.test.ts",
            "bench/{load,measure}/*.test.ts",
            "packages/client/test/model/**/*.test.ts",
            "chaos/test/*.test.ts",
          ],
        },
      },
      serverProject("server:embedded", "embedded"),
      serverProject("server:postgres", "postgres"),
      {
        ...shared,
        test: {
          name: "client",
          include: ["packages/client/test/**/*.test.ts"],
          exclude: ["packages/client/test/{model,process}/**"],
          globalSetup: ["packages/server/test/support/database-setup.ts"],
          env: { PARLOR_TEST_DATABASE: "embedded" },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "process",
          include: ["packages/{server,client}/test/process/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        ...shared,
        test: {
          name: "chaos",
          include: ["chaos/test/seeds/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          retry: ANOTHER_TRY,
          include: ["e2e/**/*.test.ts"],
          exclude: ["e2e/calls/**", "e2e/long/**"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "calls",
          retry: ANOTHER_TRY,
          include: ["e2e/calls/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Alone and at the end: several browsers that encode and decode leave little to others.
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: "long",
          retry: ANOTHER_TRY,
          include: ["e2e/long/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
