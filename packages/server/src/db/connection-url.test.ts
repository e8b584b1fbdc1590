import { expect, test } from "vitest";
import { connectionOf, socketUrl, withDatabase } from "./connection-url.js";

test("[DB7] a socket's folder is told by the host parameter", () => {
  const url = socketUrl("/tmp/a b", "parlor", "one");
  expect(connectionOf(url)).toEqual({
    url: "postgres://parlor@localhost:5432/one",
    options: { host: "/tmp/a b" },
  });
  expect(connectionOf(withDatabase(url, "two")).url).toBe("postgres://parlor@localhost:5432/two");
});

test("[DB7] a socket's folder may also be the host, percent-encoded", () => {
  expect(connectionOf("postgres://me:secret@%2Frun%2Fpg/x")).toEqual({
    url: "postgres://me:secret@localhost/x",
    options: { host: "/run/pg" },
  });
});

test("[DB7] an address of the network stays as it is", () => {
  const url = "postgres://me:s%40cret@db.example.org:6543/x?sslmode=require";
  expect(connectionOf(url)).toEqual({ url, options: {} });
});
