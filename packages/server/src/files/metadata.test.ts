import { describe, expect, test } from "vitest";
import { animatedGif, plainPicture } from "../../test/avatars-pictures.js";
import { withoutMetadata } from "./metadata.js";

/** Pictures made of a great many parts without content: of each a process would have to hold and follow it. */
const crowded = {
  gif: Buffer.concat([
    Buffer.from("GIF89a\x01\0\x01\0\0\0\0", "latin1"),
    Buffer.alloc(600_000, Buffer.from([0x21, 0xf9, 0])),
    Buffer.from([0x3b]),
  ]),
  jpeg: Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    Buffer.alloc(800_000, Buffer.from([0xff, 0xdb, 0, 2])),
    Buffer.from([0xff, 0xd9]),
  ]),
  png: Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    Buffer.alloc(2_400_000, Buffer.from("\0\0\0\0teSt\0\0\0\0", "latin1")),
    Buffer.from("\0\0\0\0IEND\0\0\0\0", "latin1"),
  ]),
  webp: Buffer.concat([
    Buffer.from("RIFF\xff\xff\xff\x7fWEBP", "latin1"),
    Buffer.alloc(1_600_000, Buffer.from("teSt\0\0\0\0", "latin1")),
  ]),
};

describe("withoutMetadata", () => {
  for (const [format, bytes] of Object.entries(crowded)) {
    test(`[FILE8] a ${format} of more parts than are followed is only saved`, () => {
      expect(withoutMetadata(bytes, format as keyof typeof crowded, 1)).toBeNull();
    });
  }

  test("[FILE7] pictures as programs write them are followed to their end", async () => {
    for (const format of ["jpeg", "png", "gif", "webp"] as const) {
      expect(withoutMetadata(await plainPicture(format), format, 1), format).not.toBeNull();
    }
    expect(withoutMetadata(await animatedGif(), "gif", 1)).not.toBeNull();
  });
});
