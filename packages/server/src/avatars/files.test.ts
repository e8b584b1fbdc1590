import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAvatarFiles, isFileName, stemOf } from "./files.js";
import type { Pictures } from "./picture.js";

function pictures(text: string): Pictures {
  const of = (size: string) => Buffer.from(`${text} ${size}`);
  return { thumbnail: of("thumbnail"), small: of("small"), medium: of("medium"), large: of("large") };
}

describe("createAvatarFiles", () => {
  let base = "";
  let folder = "";
  const age = (name: string, time: number) => utimes(join(folder, name), new Date(time), new Date(time));

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "parlor-avatars-"));
    folder = join(base, "avatars");
  });
  afterEach(async () => await rm(base, { recursive: true, force: true }));

  test("[AV7] names come from the user and the content", async () => {
    const stem = stemOf("alice", pictures("a"));
    expect(stem).toMatch(/^[0-9a-f]{32}$/);
    expect(stemOf("alice", pictures("a"))).toBe(stem);
    expect(stemOf("bob", pictures("a"))).not.toBe(stem);
    expect(stemOf("alice", pictures("b"))).not.toBe(stem);
    const files = createAvatarFiles(folder);
    expect(await files.write("alice", pictures("a"))).toEqual({
      thumbnail: `${stem}-thumbnail.webp`,
      small: `${stem}-small.webp`,
      medium: `${stem}-medium.webp`,
      large: `${stem}-large.webp`,
    });
    expect(String(await files.read(`${stem}-medium.webp`))).toBe("a medium");
  });

  test("[AV8] only names of its own are read", async () => {
    await writeFile(join(base, "secret"), "secret");
    await mkdir(folder);
    await writeFile(join(folder, "other.webp"), "other");
    const files = createAvatarFiles(folder);
    const stem = "0".repeat(32);
    const names = [
      "../secret",
      "..%2fsecret",
      "other.webp",
      "",
      ".",
      "..",
      `${stem}-huge.webp`,
      `${stem}-small.webp\0`,
      `${stem}-small.webp\n`,
      `${stem}-small.webp/../../secret`,
      `${stem.slice(1)}A-small.webp`,
      `${stem}-small.webp`,
    ];
    for (const name of names) expect([name, await files.read(name)]).toEqual([name, null]);
    expect(isFileName(`${stem}-small.webp`)).toBe(true);
  });

  test("[AV16] nothing half-written stays, and a file that was cut is written anew", async () => {
    const files = createAvatarFiles(folder);
    const names = await files.write("alice", pictures("a"));
    expect((await readdir(folder)).sort()).toEqual(Object.values(names).sort());
    await writeFile(join(folder, names.large), "a la");
    await files.write("alice", pictures("a"));
    expect(String(await files.read(names.large))).toBe("a large");
    expect(await readdir(folder)).toHaveLength(4);
  });

  test("[AV16] uploads of the same picture at the same time do no harm", async () => {
    const files = createAvatarFiles(folder);
    await Promise.all(Array.from({ length: 20 }, () => files.write("alice", pictures("a"))));
    expect(await readdir(folder)).toHaveLength(4);
  });

  test("[AV13] uploads are listed by the moment when they were last in use, and used again they are young", async () => {
    const files = createAvatarFiles(folder);
    const old = await files.write("alice", pictures("a"));
    await files.write("bob", pictures("b"));
    for (const name of Object.values(old)) await age(name, 1_000_000);
    await writeFile(join(folder, ".0189aa5e-7d7e-4c1c-9f0e-0123456789ab.tmp"), "rest of a crash");
    await age(".0189aa5e-7d7e-4c1c-9f0e-0123456789ab.tmp", 1_000_000);
    await writeFile(join(folder, "README"), "not ours");
    await age("README", 1_000_000);
    const [listed, ...more] = await files.olderThan(2_000_000);
    expect(more).toEqual([]);
    expect(listed?.names.toSorted()).toEqual(Object.values(old).sort());
    expect(await readdir(folder)).toHaveLength(9);

    await files.write("alice", pictures("a"));
    expect(await files.olderThan(2_000_000)).toEqual([]);
    if (listed) expect(await files.remove(listed)).toBe(false);
    expect(await files.read(old.small)).not.toBeNull();
  });

  test("[AV13] removing takes all sizes; marking makes them young", async () => {
    const files = createAvatarFiles(folder);
    const names = await files.write("alice", pictures("a"));
    for (const name of Object.values(names)) await age(name, 1_000_000);
    const [listed] = await files.olderThan(2_000_000);
    if (!listed) throw new Error("not listed");
    await files.markSeen(listed, 3_000_000);
    expect((await stat(join(folder, names.small))).mtimeMs).toBe(3_000_000);
    const [again] = await files.olderThan(4_000_000);
    if (!again) throw new Error("not listed");
    expect(await files.remove(again)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
  });

  test("[AV13] a folder that is not there is empty", async () => {
    expect(await createAvatarFiles(folder).olderThan(Date.now())).toEqual([]);
  });
});
