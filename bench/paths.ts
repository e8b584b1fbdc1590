import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The checkout. */
export const root = here("..");
/** The server as it is shipped. */
export const serverMain = here("../packages/server/dist/main.js");
/** The load generator. */
export const generator = here("load/main.ts");
/** The table. */
export const resultsTable = here("RESULTS.md");
/** The figures of the last run, a JSON line for each repeat. */
export const resultsLines = here("results.jsonl");

/** A file of a peer. */
export function peerFile(name: string): string {
  return here(`peers/${name}`);
}

/** A program that the peers need, of this folder's own packages. */
export function packageFile(path: string): string {
  return here(`node_modules/${path}`);
}

/** Where CPU profiles go. */
export const profiles = here(".build/profiles");

/** Where compiled programs go. */
export function builtFile(name: string): string {
  mkdirSync(here(".build"), { recursive: true });
  return here(`.build/${name}`);
}
