import { randomBytes } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { LIMITS, Upload } from "@parlor/protocol";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  animatedGif,
  bombPng,
  plainPicture,
  TEST_FORMATS,
  tinyZip,
  turnedPicture,
} from "./avatars-pictures.js";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  type Person,
  request,
  until,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { beginUpload, sendChunk, sweepFiles, uploadFile } from "./support/uploads.js";

const MEGABYTE = 1024 * 1024;

describeWithDatabase("uploads", () => {
  let server: TestServer;
  let room: string;
  let alice: Person;
  beforeAll(async () => {
    server = await startTestServer({ fileBytes: 5 * MEGABYTE });
    room = await makeRoom(server);
    alice = await makeGuest(server, newName("alice"));
  });
  afterAll(async () => await server.close());

  const read = (person: Person, id: string, query = "") => person.request("GET", `/files/${id}/x${query}`);
  const bytesAt = async (person: Person, path: string): Promise<Buffer> => {
    const headers = person.cookie ? { cookie: person.cookie } : {};
    return Buffer.from(await (await fetch(new URL(path, server.url), { headers })).arrayBuffer());
  };

  it("[FILE1] the limits are told before anything is sent", async () => {
    const answer = await request(server, "GET", "/limits");
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        file_bytes: 5 * MEGABYTE,
        daily_bytes: 1_000 * MEGABYTE,
        chunk_bytes: MEGABYTE,
        attachments: 10,
        content_length: 100_000,
      },
    ]);
  });

  it("[FILE2] a file comes in chunks and is whole at the end", async () => {
    const bytes = randomBytes(2.5 * MEGABYTE);
    const begun = await beginUpload(alice, room, { name: "data.bin", bytes });
    expect([begun.status, Upload.safeParse(begun.json).success]).toEqual([200, true]);
    expect(begun.json).toMatchObject({
      room_id: room,
      name: "data.bin",
      size: bytes.length,
      offset: 0,
      attachment: null,
    });
    const done = await uploadFile(alice, room, { name: "data.bin", bytes });
    expect(done).toMatchObject({
      offset: bytes.length,
      attachment: {
        kind: "file",
        type: "application/octet-stream",
        name: "data.bin",
        size: bytes.length,
        previews: {},
      },
    });
    expect(done.attachment?.url).toBe(`${server.url}/files/${done.id}/data.bin`);
    expect((await bytesAt(alice, `/files/${done.id}/x`)).equals(bytes)).toBe(true);
  });

  it("[FILE2] a repeated chunk is harmless, an overlapping one is used from where it is new", async () => {
    const bytes = randomBytes(3_000);
    const { json } = await beginUpload(alice, room, { bytes });
    const at = (from: number, to: number) => sendChunk(alice, json.id, from, bytes.subarray(from, to));
    for (const [from, to, offset] of [
      [0, 1_000, 1_000],
      [0, 1_000, 1_000],
      [500, 2_000, 2_000],
      [0, 500, 2_000],
    ] as const) {
      const answer = await at(from, to);
      expect([answer.status, answer.json.offset, answer.headers.get("upload-offset")]).toEqual([
        200,
        offset,
        String(offset),
      ]);
    }
    const ahead = await at(2_500, 3_000);
    expect([ahead.status, ahead.json.code, ahead.json.retry]).toEqual([409, "upload_offset", true]);
    const [one, two] = await Promise.all([at(2_000, 3_000), at(2_000, 3_000)]);
    expect([one.status, two.status, one.json.attachment?.id, two.json.attachment?.id]).toEqual([
      200,
      200,
      json.id,
      json.id,
    ]);
    expect((await at(2_000, 3_000)).json.attachment.id).toBe(json.id);
    expect((await bytesAt(alice, `/files/${json.id}/x`)).equals(bytes)).toBe(true);
  });

  it("[FILE3] after a cut the upload tells where it stands, and what came of the cut chunk counts", async () => {
    const bytes = randomBytes(200_000);
    const { json } = await beginUpload(alice, room, { bytes });
    await new Promise<void>((resolve) => {
      const broken = httpRequest({
        port: server.port,
        method: "PATCH",
        path: `/uploads/${json.id}`,
        headers: {
          cookie: alice.cookie ?? "",
          "content-type": "application/offset+octet-stream",
          "upload-offset": "0",
          "content-length": "200000",
        },
      });
      broken.on("error", () => resolve());
      broken.write(bytes.subarray(0, 50_000), () => setImmediate(() => broken.destroy()));
      broken.on("close", () => resolve());
    });
    await until(
      async () => (await alice.request("GET", `/uploads/${json.id}`)).json.offset > 0,
      "bytes of the cut chunk",
    );
    const head = await alice.request("HEAD", `/uploads/${json.id}`);
    const offset = Number(head.headers.get("upload-offset"));
    expect([head.status, offset > 0 && offset <= 50_000]).toEqual([200, true]);
    const done = await sendChunk(alice, json.id, offset, bytes.subarray(offset));
    expect(done.json.attachment.size).toBe(200_000);
    expect((await bytesAt(alice, `/files/${json.id}/x`)).equals(bytes)).toBe(true);
  });

  it("[FILE3] an upload survives a restart of the server", async () => {
    const bytes = randomBytes(10_000);
    const { json } = await beginUpload(alice, room, { bytes });
    await sendChunk(alice, json.id, 0, bytes.subarray(0, 4_000));
    await server.restart();
    expect((await alice.request("GET", `/uploads/${json.id}`)).json.offset).toBe(4_000);
    const done = await sendChunk(alice, json.id, 4_000, bytes.subarray(4_000));
    expect(done.json.attachment.id).toBe(json.id);
  });

  it("[FILE3] when the disk lost bytes that were noted, the upload begins anew", async () => {
    const bytes = randomBytes(10_000);
    const { json } = await beginUpload(alice, room, { bytes });
    await inDatabase(server, (sql) => sql`update files set received = 5000 where id = ${json.id}`);
    const refused = await sendChunk(alice, json.id, 5_000, bytes.subarray(5_000));
    expect([refused.status, refused.json.code]).toEqual([409, "upload_offset"]);
    expect((await alice.request("GET", `/uploads/${json.id}`)).json.offset).toBe(0);
    expect((await sendChunk(alice, json.id, 0, bytes)).json.attachment.id).toBe(json.id);
  });

  it("[FILE4] cancelling forgets the bytes; what is gone is 404", async () => {
    const bytes = randomBytes(10_000);
    const { json } = await beginUpload(alice, room, { bytes });
    await sendChunk(alice, json.id, 0, bytes.subarray(0, 4_000));
    expect((await alice.request("DELETE", `/uploads/${json.id}`)).json).toEqual({ success: true });
    expect(await readdir(join(server.dataDir, "uploads"))).not.toContain(json.id);
    for (const [method, answer] of [
      ["GET", await alice.request("GET", `/uploads/${json.id}`)],
      ["DELETE", await alice.request("DELETE", `/uploads/${json.id}`)],
      ["PATCH", await sendChunk(alice, json.id, 4_000, bytes.subarray(4_000))],
    ] as const)
      expect([method, answer.status, answer.json.code]).toEqual([method, 404, "upload_not_found"]);
    const done = await uploadFile(alice, room, { bytes });
    expect((await alice.request("DELETE", `/uploads/${done.id}`)).status).toBe(200);
    expect((await read(alice, done.id)).status).toBe(404);
  });

  it("[FILE5] what is too large, too much or not as announced is refused in words", async () => {
    const large = await beginUpload(alice, room, {
      bytes: new Uint8Array(1),
      fields: { size: 5 * MEGABYTE + 1 },
    });
    expect([large.status, large.json.code, large.json.detail]).toEqual([
      413,
      "file_too_large",
      "This file is too large. Send one of at most 5 MB.",
    ]);
    for (const fields of [
      { size: 0 },
      { size: -1 },
      { size: 1.5 },
      { size: "1" },
      { name: "" },
      { waveform: Array(101).fill(1) },
      { waveform: [256] },
      { width: 0 },
    ]) {
      expect(
        (await beginUpload(alice, room, { bytes: new Uint8Array(1), fields })).status,
        JSON.stringify(fields),
      ).toBe(422);
    }
    const voice = await beginUpload(alice, room, { bytes: new Uint8Array(1), fields: { voice: true } });
    expect([voice.status, voice.json.code]).toEqual([400, "rule_broken"]);
    const { json } = await beginUpload(alice, room, { bytes: new Uint8Array(10) });
    const cases: [number, string, Promise<{ status: number; json: { code: string } }>][] = [
      [413, "body_too_large", sendChunk(alice, json.id, 0, new Uint8Array(11))],
      [413, "body_too_large", sendChunk(alice, json.id, 0, new Uint8Array(LIMITS.chunkBytes + 1))],
      [
        415,
        "unsupported_media",
        sendChunk(alice, json.id, 0, new Uint8Array(1), {
          body: "{}",
          headers: { "content-type": "application/json" },
        }),
      ],
      [
        415,
        "unsupported_media",
        sendChunk(alice, json.id, 0, new Uint8Array(1), { headers: { "content-type": "text/plain" } }),
      ],
      [
        422,
        "invalid_request",
        sendChunk(alice, json.id, 0, new Uint8Array(1), { headers: { "upload-offset": "-1" } }),
      ],
      [
        422,
        "invalid_request",
        sendChunk(alice, json.id, 0, new Uint8Array(1), { headers: { "upload-offset": "x" } }),
      ],
      [409, "upload_offset", sendChunk(alice, json.id, 9_007_199_254_740_991, new Uint8Array(1))],
    ];
    for (const [status, code, sent] of cases) {
      const answer = await sent;
      expect([answer.status, answer.json.code]).toEqual([status, code]);
    }
    expect((await alice.request("GET", `/uploads/${json.id}`)).json.offset).toBe(0);
  });

  it("[FILE5] each user has a share of the day, and all files together have a bound", async () => {
    const small = await startTestServer({ fileBytes: 1_000, dailyFileBytes: 2_500, storageBytes: 4_000 });
    const place = await makeRoom(small);
    const [bob, carol] = [await makeGuest(small, newName()), await makeGuest(small, newName())];
    const bytes = new Uint8Array(1_000);
    for (const status of [200, 200, 429]) {
      const answer = await beginUpload(bob, place, { bytes });
      expect(answer.status).toBe(status);
      if (status === 429)
        expect([answer.json.code, answer.headers.get("retry-after")]).toEqual(["upload_quota", "3600"]);
    }
    for (let n = 0; n < 2; n++) await uploadFile(carol, place, { bytes });
    const [dave, erin] = [await makeGuest(small, newName()), await makeGuest(small, newName())];
    for (let n = 0; n < 2; n++) await uploadFile(dave, place, { bytes });
    const full = await beginUpload(erin, place, { bytes });
    expect([full.status, full.json.code, full.json.retry]).toEqual([507, "storage_full", false]);
    await small.close();
  });

  it("[FILE5] who announces files and sends nothing takes nobody's place; a chunk that has none is 507", async () => {
    const small = await startTestServer({ fileBytes: 1_000, dailyFileBytes: 2_500, storageBytes: 2_000 });
    const place = await makeRoom(small);
    const bytes = new Uint8Array(1_000);
    const announced: { by: Person; id: string }[] = [];
    for (let n = 0; n < 4; n++) {
      const by = await makeGuest(small, newName());
      const answer = await beginUpload(by, place, { bytes });
      expect(answer.status).toBe(200);
      announced.push({ by, id: answer.json.id });
    }
    const statuses: number[] = [];
    for (const { by, id } of announced) statuses.push((await sendChunk(by, id, 0, bytes)).status);
    expect(statuses).toEqual([200, 200, 507, 507]);
    await small.close();
  });

  it("[FILE5] many at once do not pass the share of the day together", async () => {
    const small = await startTestServer({ fileBytes: 1_000, dailyFileBytes: 2_500 });
    const place = await makeRoom(small);
    const bob = await makeGuest(small, newName());
    await bob.request("POST", `/rooms/${place}/join`, { body: { user_id: bob.id } });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => beginUpload(bob, place, { bytes: new Uint8Array(1_000) })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    await small.close();
  });

  it.each(TEST_FORMATS)(
    "[FILE6] a picture in %s gets its size, a placeholder and previews",
    async (format) => {
      const bytes = await plainPicture(format, { width: 1_500, height: 500 });
      const { attachment, id } = await uploadFile(alice, room, { name: `photo.${format}`, bytes });
      expect(attachment).toMatchObject({
        kind: "image",
        width: 1_500,
        height: 500,
        animated: false,
        duration_ms: null,
      });
      expect(Buffer.from(attachment?.placeholder ?? "", "base64").length).toBeLessThanOrEqual(25);
      expect(attachment?.placeholder?.length).toBeLessThanOrEqual(40);
      expect(attachment?.type).toBe(format === "avif" ? "image/webp" : `image/${format}`);
      expect(Object.keys(attachment?.previews ?? {})).toEqual(["360", "1280"]);
      for (const width of [360, 1280]) {
        const made = await sharp(await bytesAt(alice, attachment?.previews[width] ?? "")).metadata();
        expect([made.format, made.width, made.height]).toEqual(["webp", width, Math.round(width / 3)]);
      }
      const kept = await sharp(await bytesAt(alice, `/files/${id}/x`)).metadata();
      expect([kept.width, kept.height]).toEqual([1_500, 500]);
    },
  );

  it("[FILE6] a picture that lies on its side is upright in size and preview, and says so itself", async () => {
    const { attachment, id } = await uploadFile(alice, room, { name: "p.jpg", bytes: await turnedPicture() });
    expect(attachment).toMatchObject({
      width: 100,
      height: 100,
      previews: { 360: `${server.url}/files/${id}/p.jpg?size=360` },
    });
    const pixel = async (bytes: Buffer) =>
      [
        ...(await sharp(bytes)
          .autoOrient()
          .removeAlpha()
          .extract({ left: 20, top: 50, width: 1, height: 1 })
          .raw()
          .toBuffer()),
      ][0];
    const kept = await bytesAt(alice, `/files/${id}/x`);
    expect(await pixel(kept)).toBeGreaterThan(200);
    expect(await pixel(await bytesAt(alice, `/files/${id}/x?size=360`))).toBeGreaterThan(200);
    expect((await sharp(kept).metadata()).orientation).toBe(6);
    expect(kept.includes("somebody")).toBe(false);
  });

  it.each(["jpeg", "png", "webp"] as const)(
    "[FILE7] what a picture in %s says beside its pixels is not kept",
    async (format) => {
      const pixels = randomBytes(64 * 64 * 3);
      const bytes = await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
        .withExif({
          IFD0: { Copyright: "SECRETPLACE" },
          IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1" },
        })
        .withXmp(
          '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">SECRETPLACE</x:xmpmeta>',
        )
        .keepIccProfile()
        .toFormat(format, { quality: 90 })
        .toBuffer();
      expect(bytes.includes("SECRETPLACE")).toBe(true);
      const tail = Buffer.concat([bytes, Buffer.from("SECRETPLACE")]);
      const { id, attachment } = await uploadFile(alice, room, { bytes: format === "webp" ? bytes : tail });
      const kept = await bytesAt(alice, `/files/${id}/x`);
      expect([kept.includes("SECRETPLACE"), kept.length, attachment?.kind]).toEqual([
        false,
        attachment?.size,
        "image",
      ]);
      const { exif, xmp } = await sharp(kept).metadata();
      expect([exif, xmp]).toEqual([undefined, undefined]);
      const raw = (file: Buffer) => sharp(file).raw().toBuffer();
      expect((await raw(kept)).equals(await raw(bytes))).toBe(true);
      const names = await readdir(join(server.dataDir, "files", id.slice(0, 2)));
      const stored = await Promise.all(
        names.map((name) => readFile(join(server.dataDir, "files", id.slice(0, 2), name))),
      );
      expect(stored.some((file) => file.includes("SECRETPLACE"))).toBe(false);
      expect(await readdir(join(server.dataDir, "uploads"))).not.toContain(id);
    },
  );

  it("[FILE6] an animation stays one, its previews show the first picture", async () => {
    const bytes = await animatedGif();
    const { attachment, id } = await uploadFile(alice, room, { bytes });
    expect(attachment).toMatchObject({ kind: "image", type: "image/gif", animated: true });
    expect((await sharp(await bytesAt(alice, `/files/${id}/x`), { pages: -1 }).metadata()).pages).toBe(2);
    expect((await sharp(await bytesAt(alice, `/files/${id}/x?size=360`)).metadata()).pages ?? 1).toBe(1);
  });

  it("[FILE8] what is no picture that can be shown is a file to be saved", async () => {
    const jpeg = await plainPicture("jpeg");
    const cases: [string, Buffer, string][] = [
      ["cut off", jpeg.subarray(0, jpeg.length - 20), "application/octet-stream"],
      ["a bomb", bombPng(30_000), "application/octet-stream"],
      ["an archive behind a picture", Buffer.concat([jpeg, tinyZip()]), "application/octet-stream"],
      [
        "SVG",
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        "application/octet-stream",
      ],
      ["HTML", Buffer.from("\ufeff \n<!doctype html><script>alert(1)</script>"), "application/octet-stream"],
      ["PDF", Buffer.from("%PDF-1.7\n"), "application/pdf"],
      ["an archive", tinyZip(), "application/octet-stream"],
      ["text with NUL", Buffer.from("a\0b"), "application/octet-stream"],
    ];
    for (const [what, bytes, type] of cases) {
      const { attachment, id } = await uploadFile(alice, room, {
        name: "x.png",
        bytes,
        fields: { type: "image/png" },
      });
      const zip = what === "an archive" ? "application/zip" : type;
      expect([what, attachment?.kind]).toEqual([what, "file"]);
      const answer = await read(alice, id);
      expect([what, answer.headers.get("content-disposition")?.split(";")[0]]).toEqual([what, "attachment"]);
      expect([what, [type, zip].includes(answer.headers.get("content-type") ?? "")]).toEqual([what, true]);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("content-security-policy")).toContain("sandbox");
    }
  });

  it("[FILE8] sound, video and text are told by their bytes, the sender's word decides what these leave open", async () => {
    const webm = Buffer.concat([Buffer.from("1a45dfa3", "hex"), Buffer.from("....webm....")]);
    const mp4 = Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isomavc1");
    const peaks = [0, 128, 255];
    const media = { duration_ms: 1_500, width: 640, height: 360, waveform: peaks };
    const cases: [Buffer, Record<string, unknown>, Record<string, unknown>][] = [
      [
        webm,
        { type: "video/webm", ...media },
        { kind: "video", type: "video/webm", width: 640, height: 360, duration_ms: 1_500, waveform: null },
      ],
      [
        webm,
        { type: "audio/webm;codecs=opus", ...media, voice: true },
        { kind: "voice", type: "audio/webm", width: null, duration_ms: 1_500, waveform: peaks },
      ],
      [mp4, { type: "text/html" }, { kind: "video", type: "video/mp4" }],
      [
        Buffer.from("ID3\x03text"),
        { type: "text/html", duration_ms: 5 },
        { kind: "audio", type: "audio/mpeg", duration_ms: 5 },
      ],
      [
        Buffer.from("OggS...."),
        { type: "audio/ogg", voice: true, duration_ms: 9 },
        { kind: "voice", type: "audio/ogg" },
      ],
      [Buffer.from("RIFF\0\0\0\0WAVEfmt "), {}, { kind: "audio", type: "audio/wav" }],
      [
        Buffer.from("Grüße, 世界\n"),
        { type: "text/html", voice: true, duration_ms: 3 },
        { kind: "file", type: "text/plain", duration_ms: null },
      ],
    ];
    for (const [bytes, fields, facts] of cases) {
      const { attachment, id } = await uploadFile(alice, room, { bytes, fields });
      expect(attachment).toMatchObject(facts);
      const { headers } = await read(alice, id);
      expect(headers.get("content-disposition")?.startsWith("inline;")).toBe(true);
      expect(headers.get("content-type")).toBe(
        facts.type === "text/plain" ? "text/plain; charset=utf-8" : facts.type,
      );
      expect(
        (await read(alice, id, "?download=1")).headers.get("content-disposition")?.startsWith("attachment;"),
      ).toBe(true);
    }
  });

  it("[FILE9] a name leads nowhere, hides nothing and breaks no header", async () => {
    const cases: [string, string, string][] = [
      [
        "../../etc/passwd",
        ".._.._etc_passwd",
        "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd",
      ],
      [
        "a\r\nSet-Cookie: x=1",
        "aSet-Cookie: x=1",
        "attachment; filename=\"aSet-Cookie_ x_1\"; filename*=UTF-8''aSet-Cookie%3A%20x%3D1",
      ],
      [
        "photo\u202egnp.exe",
        "photognp.exe",
        "attachment; filename=\"photognp.exe\"; filename*=UTF-8''photognp.exe",
      ],
      [
        "Grüße 'n' \"x\".bin",
        "Grüße 'n' \"x\".bin",
        "attachment; filename=\"Gr__e _n_ _x_.bin\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%27n%27%20%22x%22.bin",
      ],
      ["..", "file", "attachment; filename=\"file\"; filename*=UTF-8''file"],
      ["\u200b", "file", "attachment; filename=\"file\"; filename*=UTF-8''file"],
    ];
    for (const [given, name, header] of cases) {
      const { attachment, id } = await uploadFile(alice, room, {
        name: given,
        bytes: Buffer.from([0, 1, 2]),
      });
      expect(attachment?.name).toBe(name);
      expect((await read(alice, id)).headers.get("content-disposition")).toBe(header);
      const path = new URL(attachment?.url ?? "").pathname;
      expect([path.startsWith(`/files/${id}/`), (await alice.request("GET", path)).status]).toEqual([
        true,
        200,
      ]);
    }
  });

  it("[FILE10] an upload is its sender's alone until it is sent", async () => {
    const bytes = Buffer.from([1, 2, 3]);
    const done = await uploadFile(alice, room, { bytes });
    const bob = await makeGuest(server, newName());
    const account = await makeAccount(server, newName());
    for (const person of [bob, account]) {
      expect((await read(person, done.id)).status).toBe(404);
      expect((await person.request("GET", `/uploads/${done.id}`)).status).toBe(403);
      expect((await person.request("DELETE", `/uploads/${done.id}`)).status).toBe(403);
      expect((await sendChunk(person, done.id, 0, bytes)).status).toBe(403);
    }
    expect((await request(server, "GET", `/files/${done.id}/x`)).status).toBe(404);
    expect((await request(server, "GET", `/uploads/${done.id}`)).status).toBe(403);
    expect((await read(alice, done.id)).status).toBe(200);
  });

  it("[FILE10] whoever may write in a room may upload there, and nobody else", async () => {
    const bytes = Buffer.from([1]);
    const closed = await makeRoom(server, { privacy: "password", password: "sesame" });
    const bob = await makeGuest(server, newName());
    expect((await beginUpload(bob, closed, { bytes })).json.code).toBe("password_required");
    await bob.request("POST", `/rooms/${closed}/verify-password`, { body: { password: "sesame" } });
    expect((await beginUpload(bob, closed, { bytes })).status).toBe(200);
    expect((await beginUpload(bob, "nowhere", { bytes })).json.code).toBe("room_not_found");
    const body = { name: "x", size: 1 };
    const nobody = await request(server, "POST", `/rooms/${room}/uploads`, { body });
    expect([nobody.status, nobody.json.code]).toEqual([401, "session_required"]);
    const script = newId();
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: script, username: "script" } });
    const open = await request(server, "POST", `/rooms/${room}/uploads`, {
      body: { ...body, user_id: script },
    });
    expect(open.status).toBe(200);
    const forged = await bob.request("POST", `/rooms/${room}/uploads`, {
      body: { ...body, user_id: alice.id },
    });
    expect([forged.status, forged.json.code]).toEqual([403, "not_your_identity"]);
    await inDatabase(
      server,
      (sql) =>
        sql`update room_members set banned_at = now() where room_id = ${closed} and user_id = ${bob.id}`,
    );
    expect((await beginUpload(bob, closed, { bytes })).json.code).toBe("banned");
  });

  it("[FILE11] what nobody finished or sent goes after a day, never earlier", async () => {
    const { json: unfinished } = await beginUpload(alice, room, { bytes: new Uint8Array(10) });
    await sendChunk(alice, unfinished.id, 0, new Uint8Array(5));
    const unsent = await uploadFile(alice, room, { bytes: await plainPicture("png") });
    const hour = 60 * 60 * 1000;
    await sweepFiles(server, Date.now() + 23 * hour);
    expect((await alice.request("GET", `/uploads/${unfinished.id}`)).status).toBe(200);
    expect((await read(alice, unsent.id)).status).toBe(200);
    await sweepFiles(server, Date.now() + 25 * hour);
    expect((await alice.request("GET", `/uploads/${unfinished.id}`)).status).toBe(404);
    expect((await read(alice, unsent.id)).status).toBe(404);
    const shard = join(server.dataDir, "files", unsent.id.slice(0, 2));
    expect((await readdir(shard)).filter((name) => name.startsWith(unsent.id))).toEqual([]);
    await expect(stat(join(server.dataDir, "uploads", unfinished.id))).rejects.toThrow("ENOENT");
  });
});
