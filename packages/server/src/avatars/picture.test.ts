import { AVATAR_SIZES, LIMITS, ParlorError } from "@parlor/protocol";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import {
  animatedGif,
  bombPng,
  plainPicture,
  TEST_FORMATS,
  tinyZip,
  turnedPicture,
} from "../../test/avatars-pictures.js";
import { makeSizes, SIZE_NAMES } from "./picture.js";

/** The colour of a pixel, with its opacity. */
async function pixel(picture: Buffer, left: number, top: number): Promise<number[]> {
  const { data } = await sharp(picture)
    .ensureAlpha()
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}

function expectColour(found: number[], wanted: number[]): void {
  for (const [index, value] of wanted.entries())
    expect(Math.abs((found[index] ?? -99) - value)).toBeLessThan(16);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "taken",
    (error: unknown) => (error instanceof ParlorError ? error.code : `not ours: ${error}`),
  );
}

/** The picture with a comment in the place that its format has for it. */
function withComment(jpeg: Buffer, comment: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(comment.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)]);
}

// Generous, for machines that do much else at the same time.
describe("makeSizes", { timeout: 60_000 }, () => {
  test.each(TEST_FORMATS)("[AV1] a %s becomes four squares in WebP", async (format) => {
    const made = await makeSizes(await plainPicture(format, { width: 90, height: 300 }));
    for (const size of SIZE_NAMES) {
      const { format: kind, width, height } = await sharp(made[size]).metadata();
      expect([kind, width, height]).toEqual(["webp", AVATAR_SIZES[size], AVATAR_SIZES[size]]);
      expectColour(await pixel(made[size], 20, 20), [192, 48, 32, 255]);
    }
  });

  test("[AV1] pictures of odd shape and kind are taken", async () => {
    const source = sharp({ create: { width: 300, height: 200, channels: 3, background: "#804020" } });
    const odd = await Promise.all([
      plainPicture("png", { width: 1, height: 1 }),
      plainPicture("png", { width: 1, height: 5_000 }),
      plainPicture("png", { width: 5_000, height: 1 }),
      source.clone().greyscale().png().toBuffer(),
      source.clone().greyscale().jpeg().toBuffer(),
      source.clone().toColourspace("cmyk").jpeg().toBuffer(),
      source.clone().toColourspace("rgb16").png().toBuffer(),
      source.clone().png({ palette: true, progressive: true }).toBuffer(),
      source.clone().jpeg({ progressive: true }).toBuffer(),
      source.clone().webp({ lossless: true }).toBuffer(),
    ]);
    for (const picture of odd) expect((await makeSizes(picture)).large.length).toBeGreaterThan(20);
  });

  test("[AV2] the camera's orientation is applied, and nothing of the file is kept but its pixels", async () => {
    const turned = await turnedPicture();
    expect((await sharp(turned).metadata()).exif).toBeDefined();
    const { large, thumbnail } = await makeSizes(turned);
    expectColour(await pixel(large, 50, 200), [255, 0, 0]);
    expectColour(await pixel(large, 350, 200), [0, 0, 255]);
    expectColour(await pixel(thumbnail, 5, 20), [255, 0, 0]);
    const { exif, xmp, icc, iptc, orientation } = await sharp(large).metadata();
    expect([exif, xmp, icc, iptc, orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(large.includes("somebody")).toBe(false);
  });

  test("[AV2] of an animation the first picture counts, and it stands still", async () => {
    const { large } = await makeSizes(await animatedGif());
    expect((await sharp(large).metadata()).pages ?? 1).toBe(1);
    expectColour(await pixel(large, 200, 200), [0, 255, 0, 255]);
  });

  test.each(["png", "gif", "webp"] as const)("[AV2] a %s keeps its transparency", async (format) => {
    const { medium, small } = await makeSizes(await plainPicture(format, { colour: "#00ff0000" }));
    for (const picture of [medium, small]) expect((await pixel(picture, 10, 10))[3]).toBe(0);
  });

  test("[AV2] half-transparent colours keep their value", async () => {
    const { medium } = await makeSizes(
      await plainPicture("png", { colour: { r: 255, g: 128, b: 0, alpha: 0.5 } }),
    );
    expectColour(await pixel(medium, 100, 100), [255, 128, 0, 128]);
  });

  test("[AV3] each size is made from its own picture", async () => {
    const [thumbnail, small, medium, large] = await Promise.all(
      ["#f00", "#0f0", "#00f", "#fff"].map((colour) => plainPicture("jpeg", { colour })),
    );
    if (!thumbnail || !small || !medium || !large) throw new Error("pictures are missing");
    const made = await makeSizes({ thumbnail, small, medium, large });
    expectColour(await pixel(made.thumbnail, 20, 20), [255, 0, 0]);
    expectColour(await pixel(made.small, 20, 20), [0, 255, 0]);
    expectColour(await pixel(made.medium, 20, 20), [0, 0, 255]);
    expectColour(await pixel(made.large, 20, 20), [255, 255, 255]);
  });

  test("[AV4] what is no picture is refused", async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    const others: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      text: Buffer.from("This is not a picture at all."),
      svg: Buffer.from(svg),
      "svg with a prolog": Buffer.from(`<?xml version="1.0"?>${svg}`),
      pdf: Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
      zip: tinyZip(),
      tiff: await sharp(await plainPicture("png"))
        .tiff()
        .toBuffer(),
      bmp: Buffer.concat([Buffer.from("BM"), Buffer.alloc(200)]),
      mp4: Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat", "latin1"),
      heic: Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat", "latin1"),
      "head of a JPEG": Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0]),
      "head of a GIF": Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"),
      zeros: Buffer.alloc(10_000),
    };
    for (const [name, bytes] of Object.entries(others)) {
      expect([name, await codeOf(makeSizes(bytes))]).toEqual([name, "not_a_picture"]);
    }
  });

  test.each(TEST_FORMATS)("[AV4] a %s that is cut off anywhere is refused", async (format) => {
    const whole = await plainPicture(format, { width: 200, height: 200 });
    for (let part = 0; part < 20; part++) {
      const cut = whole.subarray(0, Math.floor(((whole.length - 2) * (part + 1)) / 20));
      expect([cut.length, await codeOf(makeSizes(cut))]).toEqual([cut.length, "not_a_picture"]);
    }
  });

  test.each(TEST_FORMATS)("[AV4] a damaged %s is refused or read, never a fault", async (format) => {
    const whole = await plainPicture(format, { width: 64, height: 64 });
    let seed = 20_260_101;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 24; round++) {
      const damaged = Buffer.from(whole);
      for (let hit = 0; hit <= round % 4; hit++) damaged[random(damaged.length)] = random(256);
      expect(["taken", "not_a_picture", "rule_broken"]).toContain(await codeOf(makeSizes(damaged)));
    }
  });

  test("[AV5] a picture that is another file too is refused", async () => {
    const [jpeg, png, gif, webp, avif] = await Promise.all(
      TEST_FORMATS.map((format) => plainPicture(format)),
    );
    if (!jpeg || !png || !gif || !webp || !avif) throw new Error("pictures are missing");
    const behind = (picture: Buffer, tail: Buffer | string) =>
      Buffer.concat([picture, typeof tail === "string" ? Buffer.from(tail, "latin1") : tail]);
    const polyglots: Record<string, Buffer> = {
      "GIF and page": behind(gif, "<html><script>alert(1)</script>"),
      "GIF and page behind padding": behind(gif, "\0\0\n <!DOCTYPE html>"),
      "JPEG and page": behind(jpeg, "<ScRiPt>alert(1)</script>"),
      "JPEG and PHP": behind(jpeg, "<?php phpinfo();"),
      "JPEG with PHP in its comment": withComment(jpeg, Buffer.from("<?php phpinfo(); ?>")),
      "JPEG with a page in its comment": withComment(jpeg, Buffer.from("--><svg onload=alert(1)>")),
      "JPEG with an archive in its comment": withComment(jpeg, tinyZip()),
      "JPEG and PHAR": behind(jpeg, "x __HALT_COMPILER(); ?>"),
      "PNG and ZIP": behind(png, tinyZip()),
      "PNG, bytes and ZIP": behind(png, Buffer.concat([Buffer.alloc(3_000, 7), tinyZip()])),
      "PNG and PDF": behind(png, "%PDF-1.4 ..."),
      "PNG and ELF": behind(png, "\x7fELF\x02\x01\x01"),
      "PNG and EXE": behind(png, "MZ\x90\0\x03\0\0\0"),
      "WebP and shell": behind(webp, "#!/bin/sh\nrm -rf"),
      "WebP and RAR": behind(webp, "Rar!\x1a\x07\0"),
      "WebP and SVG": behind(webp, "<svg xmlns='http://www.w3.org/2000/svg'/>"),
      "AVIF and page": behind(avif, "\0\0\0\x1cfree<script>alert(1)</script>"),
      "GIF and script": behind(gif, "*/=1;alert(1)//"),
    };
    for (const [name, bytes] of Object.entries(polyglots)) {
      expect([name, await codeOf(makeSizes(bytes))]).toEqual([name, "not_a_picture"]);
    }
  });

  test("[AV5] what phones and tools append is no hindrance", async () => {
    const [jpeg, png, webp] = await Promise.all([
      plainPicture("jpeg"),
      plainPicture("png"),
      plainPicture("webp"),
    ]);
    const video = Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat", "latin1");
    const ordinary: Record<string, Buffer> = {
      "second picture (gain map, preview)": Buffer.concat([jpeg, jpeg]),
      "video (motion photo)": Buffer.concat([jpeg, Buffer.alloc(16), video]),
      "Samsung's trailer": Buffer.concat([
        jpeg,
        Buffer.from("\0\0\x01\x0a\x0e\0\0\0Image_UTC_DataSEFT", "latin1"),
      ]),
      padding: Buffer.concat([jpeg, Buffer.alloc(4_096)]),
      "rest of an older screenshot": Buffer.concat([png, Buffer.from("9f3c7a11", "hex")]),
      "line end": Buffer.concat([webp, Buffer.from("\r\n")]),
      "preview within EXIF": withComment(jpeg, jpeg),
    };
    for (const [name, bytes] of Object.entries(ordinary)) {
      expect([name, await codeOf(makeSizes(bytes))]).toEqual([name, "taken"]);
    }
  });

  test("[AV6] more than 10 MB, or more pixels than a camera has, is refused", async () => {
    const png = await plainPicture("png");
    const fits = Buffer.concat([png, Buffer.alloc(LIMITS.avatarBytes - png.length)]);
    expect(await codeOf(makeSizes(fits))).toBe("taken");
    expect(await codeOf(makeSizes(Buffer.concat([fits, Buffer.alloc(1)])))).toBe("body_too_large");
    const bomb = bombPng(30_000);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await codeOf(makeSizes(bomb))).toBe("rule_broken");
    expect(await codeOf(makeSizes(bombPng(0x7fffffff)))).toMatch(/not_a_picture|rule_broken/);
  });

  test("[AV6] a camera's 48 megapixels are taken", async () => {
    const photo = await sharp({ create: { width: 8_064, height: 6_048, channels: 3, background: "#357" } })
      .jpeg({ quality: 60 })
      .toBuffer();
    expect(await codeOf(makeSizes(photo))).toBe("taken");
  });

  test("[AV7] the same picture gives the same bytes", async () => {
    const jpeg = await turnedPicture();
    expect(await makeSizes(jpeg)).toEqual(await makeSizes(Buffer.from(jpeg)));
  });
});
