import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import { createApi, openRoom, type RoomClient } from "../src/index.js";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test("the README's example runs as it stands", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(12);
  const code = example
    .replace(/^import .*$/m, "")
    .replace("http://localhost:8000", server.url)
    .concat("\nreturn room;");
  const logged: string[] = [];
  const log = { log: (line: string) => logged.push(line) };
  const AsyncFunction = (async () => {}).constructor as new (
    ...source: string[]
  ) => (...input: unknown[]) => Promise<RoomClient>;
  const room = await new AsyncFunction("createApi", "openRoom", "console", code)(createApi, openRoom, log);
  await vi.waitFor(() => expect(logged).toContain("Alice: Hello!"), { timeout: 15_000 });
  room.close();
});
