import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readMjr } from "./mjr.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parlor-mjr-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function fileOf(head: object, times: readonly number[], packetBytes = 200): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  const frames = times.map((time) => {
    const frame = Buffer.alloc(10 + packetBytes);
    frame.write("MEET");
    frame.writeUInt32BE(time, 4);
    frame.writeUInt16BE(packetBytes, 8);
    return frame;
  });
  return Buffer.concat([Buffer.from("MJR00002"), length, text, ...frames]);
}

async function read(bytes: Buffer) {
  const path = join(folder, "one.mjr");
  await writeFile(path, bytes);
  return await readMjr(path);
}

const HEAD = { t: "a", c: "opus", s: 1, u: 1_700_000_000_500_000 };

test("[CALL28] a file of Janus tells when something came, also where it was cut off, and over many reads", async () => {
  const times = Array.from({ length: 2_000 }, (_, n) => (n < 1_000 ? n * 20 : n * 20 + 4_000));
  const bytes = fileOf(HEAD, times);
  expect(await read(bytes)).toEqual({
    kind: "audio",
    codec: "opus",
    startedAt: 1_700_000_000_500,
    spans: [
      [0, 19_980],
      [24_000, 43_980],
    ],
  });
  expect((await read(bytes.subarray(0, -150)))?.spans.at(-1)).toEqual([24_000, 43_960]);
});

test("[CALL28] what is no file of Janus, or holds nothing, is none", async () => {
  const no = [Buffer.alloc(0), Buffer.from("MJR00002"), fileOf(HEAD, []), Buffer.alloc(100_000, 7)];
  const other = [fileOf({ ...HEAD, t: "d" }, [0]), fileOf({ t: "v" }, [0])];
  for (const bytes of [...no, ...other]) expect(await read(bytes)).toBeNull();
});

test("[CALL28] stretches are bounded: the last one takes what comes beyond", async () => {
  const found = await read(
    fileOf(
      HEAD,
      Array.from({ length: 500 }, (_, n) => n * 2_000),
    ),
  );
  expect(found?.spans).toHaveLength(200);
  expect(found?.spans.at(-1)).toEqual([398_000, 998_000]);
});
