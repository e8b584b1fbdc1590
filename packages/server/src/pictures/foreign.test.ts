import { describe, expect, test } from "vitest";
import { tinyZip } from "../../test/avatars-pictures.js";
import { isPolyglot } from "./foreign.js";

const MEGABYTE = 1024 * 1024;
const polyglot = (bytes: Buffer) => isPolyglot(bytes, bytes.length);

describe("isPolyglot", () => {
  test("[AV5] finds a page, a script and an archive wherever they lie, also across what is read at a time", () => {
    const tags = ["<SCRIPT>", "<svg\tonload", "<?php", "<!DOCTYPE"].map((tag) => Buffer.from(tag));
    for (const inside of [...tags, tinyZip()]) {
      for (const place of [0, 1, MEGABYTE - 3, MEGABYTE, MEGABYTE + 1]) {
        const bytes = Buffer.concat([Buffer.alloc(place, "<"), inside, Buffer.alloc(100)]);
        expect(polyglot(bytes), `${inside.toString("latin1", 0, 8)} at ${place}`).toBe(true);
      }
    }
  });

  test("[AV5] what only begins like one is none, however often", () => {
    for (const part of ["<", "<s", "<svgx", "PK", "PK\x05\x06\x01", "PK\x03\x04\xff"]) {
      expect(polyglot(Buffer.alloc(2 * MEGABYTE, Buffer.from(part, "latin1"))), part).toBe(false);
    }
  });
});
