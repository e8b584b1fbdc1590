import { request as httpRequest } from "node:http";
import { AVATAR_SIZES, AvatarUploaded, LIMITS } from "@parlor/protocol";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { form, plainPicture, tinyZip } from "./avatars-pictures.js";
import { type Answer, makeGuest, makeRoom, newId, openSocket, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const SIZES = ["thumbnail", "small", "medium", "large"] as const;

/** The colour in the middle of a served picture. */
async function middleOf(url: string, edge: number): Promise<number[]> {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  const part = { left: edge / 2, top: edge / 2, width: 1, height: 1 };
  return [...(await sharp(bytes).removeAlpha().extract(part).raw().toBuffer())];
}

describeWithDatabase("avatars", () => {
  // Generous, for machines that do much else at the same time.
  vi.setConfig({ testTimeout: 60_000 });
  let server: TestServer;
  let picture: Buffer;

  beforeAll(async () => {
    server = await startTestServer();
    picture = await plainPicture("jpeg");
  });
  afterAll(async () => await server.close());

  const upload = (userId: string, body: FormData | string | Uint8Array, options = {}): Promise<Answer> =>
    request(server, "PUT", `/users/${userId}/avatar`, { body, ...options });

  test("[AV1] the four fields of the seeds' front end, on each of the three paths", async () => {
    const colours = { thumbnail: "#f00", small: "#0f0", medium: "#00f", large: "#ff0" };
    const files = Object.fromEntries(
      await Promise.all(
        SIZES.map(async (size) => {
          const edge = AVATAR_SIZES[size];
          return [
            size,
            await plainPicture("jpeg", { width: edge, height: edge, colour: colours[size] }),
          ] as const;
        }),
      ),
    );
    const guest = await makeGuest(server, "alice");
    for (const [method, path] of [
      ["PUT", `/users/${guest.id}/avatar`],
      ["POST", `/avatars/upload/${guest.id}`],
      ["POST", `/users/${guest.id}/avatar`],
    ] as const) {
      const answer = await guest.request(method, path, {
        body: form(files),
        headers: { "x-user-id": guest.id },
      });
      expect([path, answer.status, answer.json.detail]).toEqual([path, 200, undefined]);
      expect(AvatarUploaded.safeParse(answer.json).success).toBe(true);
      expect(answer.json.avatar_url).toBe(answer.json.avatar_urls.medium);
      for (const size of SIZES) {
        const url = answer.json.avatar_urls[size];
        expect(url).toMatch(new RegExp(`^${server.url}/avatars/[0-9a-f]{32}-${size}\\.webp$`));
        expect(url.length).toBeLessThan(300);
      }
    }
    const { json } = await request(server, "GET", `/users/${guest.id}`);
    expect((await middleOf(json.avatar_urls.thumbnail, 40))[0]).toBeGreaterThan(230);
    expect((await middleOf(json.avatar_urls.medium, 200))[2]).toBeGreaterThan(230);
  });

  test.each(["file", "avatar"])("[AV1] one picture as `%s` makes all sizes", async (field) => {
    const guest = await makeGuest(server, "bob");
    const png = await plainPicture("png", { width: 700, height: 300 });
    const answer = await guest.request("PUT", `/users/${guest.id}/avatar`, {
      body: form({ [field]: png, other: png }),
    });
    expect(answer.status).toBe(200);
    for (const size of SIZES) {
      const response = await fetch(answer.json.avatar_urls[size]);
      const { width, height, format } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
      expect([width, height, format]).toEqual([AVATAR_SIZES[size], AVATAR_SIZES[size], "webp"]);
    }
    expect(answer.json.total_size_mb).toBeGreaterThan(answer.json.size_mb);
  });

  test("[AV3] missing sizes are made from the largest that came", async () => {
    const guest = await makeGuest(server, "carol");
    const small = await plainPicture("jpeg", { colour: "#0f0" });
    const medium = await plainPicture("jpeg", { colour: "#00f" });
    const answer = await guest.request("PUT", `/users/${guest.id}/avatar`, { body: form({ small, medium }) });
    expect((await middleOf(answer.json.avatar_urls.large, 400))[2]).toBeGreaterThan(230);
    expect((await middleOf(answer.json.avatar_urls.thumbnail, 40))[2]).toBeGreaterThan(230);
    expect((await middleOf(answer.json.avatar_urls.small, 80))[1]).toBeGreaterThan(230);
  });

  test("[AV4] [AV5] [AV6] bad pictures are refused by the catalogue and change nothing", async () => {
    const guest = await makeGuest(server, "dave");
    const cases: [string, number, string, Buffer][] = [
      ["empty", 415, "not_a_picture", Buffer.alloc(0)],
      ["text", 415, "not_a_picture", Buffer.from("hello, this is text")],
      ["svg", 415, "not_a_picture", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
      ["cut", 415, "not_a_picture", picture.subarray(0, picture.length - 20)],
      ["with ZIP", 415, "not_a_picture", Buffer.concat([picture, tinyZip()])],
      ["10 MB and a byte", 413, "body_too_large", Buffer.concat([picture, Buffer.alloc(LIMITS.avatarBytes)])],
      ["30 MB", 413, "body_too_large", Buffer.alloc(30 * 1024 * 1024)],
    ];
    for (const [name, status, code, bytes] of cases) {
      const answer = await guest.request("PUT", `/users/${guest.id}/avatar`, { body: form({ file: bytes }) });
      expect([name, answer.status, answer.json?.code]).toEqual([name, status, code]);
    }
    const halves = { medium: Buffer.alloc(6_000_000), large: Buffer.alloc(6_000_000) };
    expect((await guest.request("PUT", `/users/${guest.id}/avatar`, { body: form(halves) })).status).toBe(
      413,
    );
    expect((await guest.request("GET", `/users/${guest.id}`)).json.avatar_url).toBeNull();
  });

  test("[AV9] only who may act for the user changes its avatar, and a refusal is read after any upload", async () => {
    const unknown = await upload(newId(), form({ file: picture }));
    expect([unknown.status, unknown.json.code]).toEqual([404, "user_not_found"]);
    expect((await request(server, "DELETE", `/avatars/delete/${newId()}`)).status).toBe(404);

    const held = await makeGuest(server, "heidi");
    await held.request("GET", `/users/${held.id}`);
    const large = form({ file: Buffer.alloc(9_000_000) });
    const stranger = await upload(held.id, large);
    expect([stranger.status, stranger.json.code]).toEqual([403, "not_your_identity"]);
    expect((await request(server, "DELETE", `/users/${held.id}/avatar`)).status).toBe(403);

    const name = `ivan-${newId().slice(0, 8)}`;
    const account = await request(server, "POST", "/auth/signup", {
      body: { username: name, password: "long enough" },
    });
    const path = account.json.user.id;
    expect((await upload(path, form({ file: picture }))).status).toBe(401);
    expect((await upload(path, form({ file: picture }), { cookie: held.cookie })).status).toBe(401);
    expect((await upload(path, form({ file: picture }), { token: account.json.token })).status).toBe(200);
    expect((await request(server, "GET", `/users/${held.id}`)).json.avatar_url).toBeNull();
  });

  test("[AV9] a foreign page's upload with the cookie changes nothing", async () => {
    const guest = await makeGuest(server, "judy");
    const origin = "https://evil.example";
    const answer = await guest.request("PUT", `/users/${guest.id}/avatar`, {
      body: form({ file: picture }),
      origin,
    });
    expect([answer.status, answer.json.code]).toEqual([403, "origin_not_allowed"]);
    expect((await guest.request("GET", `/users/${guest.id}`)).json.avatar_url).toBeNull();
  });

  test("[AV9] a connection goes on after a refusal in the middle of a body", async () => {
    const guest = await makeGuest(server, "kate");
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(`${server.url}/users/${guest.id}/avatar`, {
        method: "PUT",
        headers: { "content-type": "multipart/form-data; boundary=x", cookie: guest.cookie ?? "" },
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode));
      });
      sent.write(head);
      // Chunked, so that the length is not known at first.
      for (let part = 0; part < 24; part++) sent.write(Buffer.alloc(1024 * 1024));
      sent.end("\r\n--x--\r\n");
    });
    expect(answer).toBe(413);
    expect((await guest.request("GET", `/users/${guest.id}`)).status).toBe(200);
  });

  test("[AV10] [AV11] the profile and the rooms show it at once, and its end", async () => {
    const guest = await makeGuest(server, "laura");
    const roomId = await makeRoom(server);
    const mate = await makeGuest(server, "mate");
    const own = await openSocket(server, roomId, guest.id, {
      query: { username: "laura" },
      cookie: guest.cookie,
    });
    const other = await openSocket(server, roomId, mate.id, {
      query: { username: "mate" },
      cookie: mate.cookie,
    });
    const { json } = await guest.request("PUT", `/users/${guest.id}/avatar`, {
      body: form({ file: picture }),
    });
    for (const socket of [own, other]) {
      const frame = await socket.next("avatar_updated", (told) => told.user_id === guest.id);
      expect(frame).toMatchObject({ avatar_url: json.avatar_url, avatar_urls: json.avatar_urls });
    }
    const shown = await request(server, "GET", `/users/${guest.id}`, { cookie: guest.cookie });
    expect([shown.json.avatar_url, shown.json.avatar_urls]).toEqual([json.avatar_url, json.avatar_urls]);

    const removed = await guest.request("DELETE", `/avatars/delete/${guest.id}`);
    expect([removed.status, removed.json.success]).toEqual([200, true]);
    const gone = await other.next("avatar_updated", (told) => told.user_id === guest.id);
    expect(gone.avatar_url).toBeNull();
    const after = await guest.request("GET", `/users/${guest.id}`);
    expect([after.json.avatar_url, after.json.avatar_urls]).toEqual([null, null]);
    expect((await guest.request("DELETE", `/users/${guest.id}/avatar`)).status).toBe(200);
    expect((await fetch(json.avatar_url)).status).toBe(200);
    await Promise.all([own.close(), other.close()]);
  });

  test("[AV10] addresses follow the reader's way to the server", async () => {
    const guest = await makeGuest(server, "mallory");
    await guest.request("PUT", `/users/${guest.id}/avatar`, { body: form({ file: picture }) });
    const byName = await request({ url: `http://localhost:${server.port}` }, "GET", `/users/${guest.id}`, {
      cookie: guest.cookie,
    });
    expect(byName.json.avatar_url).toMatch(new RegExp(`^http://localhost:${server.port}/avatars/`));
  });
});
