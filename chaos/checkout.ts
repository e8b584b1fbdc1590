import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One exact piece of a source file, and what takes its place. */
export interface Replacement {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Copies the checkout, with links to its installed packages; our own packages are those of the copy. */
export function copyCheckout(folder: string): void {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
  });
  if (listed.status !== 0) throw new Error("the files of the checkout can not be listed");
  for (const file of listed.stdout.toString().split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  const [from, to] = [join(root, "node_modules"), join(folder, "node_modules")];
  mkdirSync(join(to, "@parlor"), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== "@parlor" && !name.startsWith(".")) symlinkSync(join(from, name), join(to, name));
  }
  for (const name of readdirSync(join(from, "@parlor"))) {
    symlinkSync(join(folder, "packages", name), join(to, "@parlor", name));
  }
}

/** Changes a copy; throws when the text is not there exactly once. */
export function replaceIn(folder: string, { file, from, to }: Replacement): void {
  const path = join(folder, file);
  const parts = readFileSync(path, "utf8").split(from);
  if (parts.length !== 2) throw new Error(`${file} holds the text ${parts.length - 1} times: ${from}`);
  writeFileSync(path, parts.join(to));
}
