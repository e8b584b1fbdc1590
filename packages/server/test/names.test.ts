import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atBase, BASE_MARK, withBase, withoutBase } from "../src/base-address.js";
import { nameKey } from "../src/users/name.js";
import { makeAccount, makeGuest, makeRoom, newId, newName, openSocket, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** Texts that a reader takes for `Zoe-Fish`. */
const disguises = (name: string): string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  ` ${name} `,
  name.replace("o", "ó"),
  name.replace("e", "e\u0301\u0323"),
  name.replace("o", "o\u200b"),
  name.replace("o", "o\u00ad"),
  name.replace("o", "o\u3164"),
  name.replace("o", "o\u2800"),
  name.replace("o", "o\ufe0f"),
  name.replace("o", "ｏ"),
  name.replace("o", "𝐨"),
  name.replace("o", "ⓞ"),
  `\u202e${name}\u202c`,
];

describe("name folding", () => {
  const part = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
  const mark = fc.constantFrom(
    "\u0301",
    "\u0308",
    "\u0323",
    "\u034f",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
  );

  it("[USER5] folding twice is folding once, and leaves no outer or double white space", () => {
    fc.assert(
      fc.property(part, (name) => {
        const key = nameKey(name);
        expect(nameKey(key)).toBe(key);
        expect(key).toBe(key.trim());
        expect(key).not.toMatch(/\s\s/);
      }),
    );
  });

  it("[USER5] case, width, normal form and white space around make no difference", () => {
    fc.assert(
      fc.property(part, (name) => {
        const key = nameKey(name);
        for (const form of ["NFC", "NFD", "NFKC", "NFKD"] as const)
          expect(nameKey(name.normalize(form))).toBe(key);
        expect(nameKey(` \t${name}\u00a0`)).toBe(key);
        expect(nameKey(name.toUpperCase())).toBe(nameKey(name.toUpperCase().toLowerCase()));
      }),
      // A mark of its own script in front, which white space once took along; a capital that is its own upper case.
      { examples: [["\u1a17"], ["\u1e9e"]] },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,40}$/), (name) => {
        const wide = [...name].map((letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)).join("");
        expect(nameKey(wide)).toBe(nameKey(name));
        expect(nameKey(name.toUpperCase())).toBe(nameKey(name));
        expect(nameKey(name.toLowerCase())).toBe(nameKey(name));
      }),
    );
  });

  it("[USER5] accents and invisible characters anywhere in a Latin name make no difference", () => {
    const letters = fc.array(
      fc.tuple(fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789_-"), fc.array(mark)),
    );
    fc.assert(
      fc.property(letters, (pairs) => {
        const plain = pairs.map(([letter]) => letter).join("");
        const marked = pairs.map(([letter, marks]) => letter + marks.join("")).join("");
        expect(nameKey(marked)).toBe(nameKey(plain));
      }),
    );
  });

  it("[USER5] different names stay different, also where marks are letters", () => {
    const names = [
      "bob",
      "bop",
      "b0b",
      "राम",
      "रम",
      "कि",
      "का",
      "かき",
      "がき",
      "กิ",
      "กี",
      "김",
      "금",
      "анна",
      "инна",
    ];
    expect(new Set(names.map(nameKey)).size).toBe(names.length);
    for (const [one, other] of [
      ["straße", "STRASSE"],
      ["ΣΊΣΥΦΟΣ", "σίσυφος"],
      ["ıvan", "IVAN"],
      ["İVAN", "ivan"],
      ["ﬁsh", "FISH"],
      ["Å", "å"],
    ] as const) {
      expect(nameKey(one), one).toBe(nameKey(other));
    }
  });
});

describe("the address of pictures", () => {
  const bases = fc.constantFrom("http://localhost:8000", "https://a.example/$&", "https://x.example/$1$$");
  const path = fc.stringMatching(/^[\w.-]{1,200}$/).map((name) => `/avatars/${name}`);

  it("[USER9] every path of ours becomes absolute, and nothing else changes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(path, fc.string({ unit: "binary" }))), bases, (rows, base) => {
        const text = JSON.stringify(rows.map(([url, words]) => ({ url: atBase(url), words })));
        const expected = rows.map(([url, words]) => ({ url: base + url, words }));
        expect(JSON.parse(withBase(text, base))).toEqual(expected);
        expect(withBase(withBase(text, base), "http://other")).toBe(withBase(text, base));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), bases, (text, base) => withBase(text, base) === text),
    );
  });

  it("[USER9] what a client gives back is kept as the path; addresses of elsewhere stay", () => {
    fc.assert(
      fc.property(path, bases, (url, base) => {
        const shown = withBase(atBase(url) ?? "", base);
        expect(withoutBase(shown, base)).toBe(url);
        expect(withoutBase(`https://other.example${url}`, base)).toBe(`https://other.example${url}`);
      }),
    );
    expect(atBase(null)).toBeNull();
    expect(atBase("https://a.example/a.png")).not.toContain(BASE_MARK);
  });
});

describeWithDatabase("names of accounts", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const read = async (id: string) => (await request(server, "GET", `/users/${id}`)).json;

  it("[USER5] POST /users, a guest's profile and a signup under an account's name are 409", async () => {
    const account = await makeAccount(server, newName("Zoe"));
    const guest = await makeGuest(server, newName());
    for (const name of disguises(account.name)) {
      const attempts: [string, string, unknown][] = [
        ["POST", "/users", { username: name }],
        ["POST", "/auth/signup", { username: name, password: "long enough" }],
        ["PUT", `/users/${guest.id}/profile`, { display_name: name }],
        ["PUT", `/users/${guest.id}/profile`, { username: name }],
      ];
      for (const [method, path, body] of attempts) {
        const answer = await guest.request(method, path, { body });
        expect([path, JSON.stringify(name), answer.status]).toEqual([path, JSON.stringify(name), 409]);
        expect(answer.json.detail).toContain("already registered");
      }
    }
    expect(await read(guest.id)).toMatchObject({ username: guest.name, display_name: null });
  });

  it("[USER5] the display name of an account is protected as well", async () => {
    const account = await makeAccount(server, newName());
    const shown = newName("Shown");
    await account.request("PUT", `/users/${account.id}/profile`, { body: { display_name: shown } });
    expect((await request(server, "POST", "/users", { body: { username: shown } })).status).toBe(409);
    const other = await makeAccount(server, newName());
    const taken = await other.request("PUT", `/users/${other.id}/profile`, { body: { display_name: shown } });
    expect(taken.status).toBe(409);
  });

  it("[USER5] a guest that a join, a message or a socket brings is shown as NAME (guest)", async () => {
    const account = await makeAccount(server, newName("Zoe"));
    const room = await makeRoom(server);
    const names = disguises(account.name).slice(0, 12);
    for (const [at, name] of names.entries()) {
      const id = newId();
      const socket = await openSocket(server, room, id, { query: at % 2 ? { username: name } : {} });
      if (at % 2 === 0)
        await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id, username: name } });
      socket.send({ content: "x", username: name });
      const message = await socket.next("message", (frame) => frame.user_id === id);
      expect(nameKey(message.username), name).toBe(nameKey(`${account.name} (guest)`));
      await socket.close();
    }
    const id = newId();
    const said = await request(server, "POST", `/rooms/${room}/messages`, {
      body: { user_id: id, username: account.name, content: "y" },
    });
    expect(said.json.username).toBe(`${account.name} (guest)`);
    const shown = (await request(server, "GET", `/rooms/${room}/messages`)).json.map(
      (message: { username: string }) => message.username,
    );
    expect(shown).not.toContain(account.name);
    const joined = await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id } });
    expect(joined.json.message).toContain("(guest)");
  });

  it("[USER5] a marked guest is not taken for an account whose name ends in the mark, and can choose another", async () => {
    const name = newName("Zoe");
    await makeAccount(server, name);
    await makeAccount(server, `${name} (guest)`);
    const room = await makeRoom(server);
    const id = newId();
    const post = () =>
      request(server, "POST", `/rooms/${room}/messages`, {
        body: { user_id: id, username: name, content: "x" },
      });
    expect((await post()).json.username).toBe(`${name} (guest) (guest)`);
    const other = newName("Other");
    const changed = await request(server, "PUT", `/users/${id}/profile`, { body: { display_name: other } });
    expect(changed.status).toBe(200);
    expect((await post()).json.username).toBe(other);
  });

  it("[USER5] guests who had a name are marked when an account takes it, and their rooms are told", async () => {
    const name = newName("Zoe");
    const guest = await makeGuest(server, name);
    const room = await makeRoom(server);
    await guest.request("POST", `/rooms/${room}/messages`, { body: { user_id: guest.id, content: "mine" } });
    const watcher = await openSocket(server, room, newId());
    await makeAccount(server, name.toUpperCase());
    expect(await watcher.next("profile_updated")).toMatchObject({
      user_id: guest.id,
      username: `${name} (guest)`,
      prevUsername: name,
    });
    const history = (await request(server, "GET", `/rooms/${room}/messages`)).json;
    expect(history[0].username).toBe(`${name} (guest)`);
    await watcher.close();
  });

  it("[USER8] guests who are renamed together have a profile_rev each, so that no page of profiles skips one", async () => {
    const name = newName("Many");
    const room = await makeRoom(server);
    const guests = await Promise.all(Array.from({ length: 7 }, () => makeGuest(server, name)));
    for (const { id } of guests)
      await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id } });
    const before = (await request(server, "GET", `/rooms/${room}/profiles`)).json;
    let after = Math.max(...before.map(({ profile_rev }: { profile_rev: number }) => profile_rev));
    const account = await makeAccount(server, name);
    const revs: number[] = [];
    const renamed = new Set<string>();
    for (;;) {
      const page = (await request(server, "GET", `/rooms/${room}/profiles?after=${after}&limit=3`)).json;
      if (page.length === 0) break;
      for (const profile of page) {
        expect(profile.username).toBe(`${name} (guest)`);
        revs.push(profile.profile_rev);
        renamed.add(profile.user_id);
      }
      after = page.at(-1).profile_rev;
    }
    expect(renamed).toEqual(new Set(guests.map(({ id }) => id)));
    expect(new Set([...revs, (await read(account.id)).profile_rev]).size).toBe(8);
    const next = await makeGuest(server, newName());
    expect((await read(next.id)).profile_rev).toBeGreaterThan(Math.max(...revs));
  });

  it("[USER5] a name is one account's, also when two signups ask at once or a guest becomes one", async () => {
    const name = newName("Race");
    const guests = [
      await makeGuest(server, newName()),
      await makeGuest(server, name),
      await makeGuest(server, name),
    ];
    const signup = (username: string) =>
      request(server, "POST", "/auth/signup", { body: { username, password: "long enough" } });
    const answers = await Promise.all([
      signup(name),
      signup(name.toUpperCase()),
      ...guests
        .slice(1)
        .map((guest) =>
          guest.request("PUT", `/users/${guest.id}/password`, { body: { new_password: "long enough" } }),
        ),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const [first] = guests;
    expect(
      (await first?.request("PUT", `/users/${first.id}/profile`, { body: { username: name } }))?.status,
    ).toBe(409);
  });
});
