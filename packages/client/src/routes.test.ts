import { endpoints } from "@parlor/protocol";
import { expect, test } from "vitest";
import { RARE_ROUTES } from "./rare-routes.js";
import { ROUTES } from "./routes.js";

test("the copied routes are those of the protocol's table", () => {
  const table = Object.entries(endpoints).map(([name, { method, path }]) => [name, `${method} ${path}`]);
  expect({ ...ROUTES, ...RARE_ROUTES }).toEqual(Object.fromEntries(table));
});
