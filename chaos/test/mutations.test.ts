import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "../mutation-list.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("[REL9] the deliberate defects", () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    "%s still has its place",
    (_, mutation) => {
      for (const { file, from, to } of mutation.replacements) {
        expect(readFileSync(root + file, "utf8").split(from), `${file}: ${from}`).toHaveLength(2);
        expect(to).not.toBe(from);
      }
      if (mutation.test)
        expect(readFileSync(root + mutation.test.file, "utf8")).toContain(mutation.test.title);
    },
  );
});
