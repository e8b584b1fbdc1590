import { defineConfig } from "vitest/config";

const conditions = ["source", "module", "import", "default"];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

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
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "packages/protocol/test/**/*.test.ts"],
        },
      },
      serverProject("server:embedded", "embedded"),
      serverProject("server:postgres", "postgres"),
      {
        ...shared,
        test: {
          name: "client",
          include: ["packages/client/test/**/*.test.ts"],
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
          include: ["packages/server/test/process/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
