import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

  it("none is in a function of the database that a later migration made anew", () => {
    let looked = 0;
    for (const { file, from } of MUTATIONS.flatMap(({ replacements }) => replacements)) {
      if (!/\/migrations\/\d/.test(file)) continue;
      const before = readFileSync(root + file, "utf8").split(from)[0] ?? "";
      const name = [...before.matchAll(/\bfunction (\w+)/g)].at(-1)?.[1];
      if (name === undefined || before.lastIndexOf("$body$;") > before.lastIndexOf(`function ${name}`))
        continue;
      looked += 1;
      const folder = dirname(root + file);
      const makers = readdirSync(folder).filter(
        (other) =>
          /^\d/.test(other) && readFileSync(join(folder, other), "utf8").includes(`function ${name}(`),
      );
      expect(file, `${name} is of ${makers.join(", ")}`).toContain(makers.sort().at(-1));
    }
    expect(looked).toBeGreaterThan(0);
  });
});
