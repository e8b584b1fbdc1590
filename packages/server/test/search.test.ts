import { afterAll, beforeAll, expect, it } from "vitest";
import { createMemoryBus } from "../src/bus/memory.js";
import { startIndexer } from "../src/messages/search/indexer.js";
import { makeAccount, makeGuest, makeRoom, newName, type Person, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, inDatabase, post, range } from "./support/room.js";
import { keepLog, startTestServer, type TestServer } from "./support/server.js";

interface Hit {
  message: { id: string; content: string; room_id: string };
  text: string;
  ranges: [number, number][];
}

describeWithDatabase("search", () => {
  let server: TestServer;
  let author: Person;
  beforeAll(async () => {
    server = await startTestServer();
    author = await makeGuest(server, "Author");
  });
  afterAll(async () => {
    await server.close();
  });

  /** Waits until the index has caught up with the rooms' logs. */
  const indexed = () =>
    until(async () => {
      const behind = await inDatabase(
        server,
        (sql) => sql`select 1 from rooms r left join search_cursors c on c.room_id = r.id
          where r.head_seq > coalesce(c.indexed_seq, 0)`,
      );
      return behind.length === 0;
    }, "the index caught up");
  const ask = async (query: Record<string, string | number>, person: Person | null = author) => {
    const path = `/search?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]))}`;
    return person ? await person.request("GET", path) : await request(server, "GET", path);
  };
  const search = async (
    query: Record<string, string | number>,
    person: Person | null = author,
  ): Promise<Hit[]> => {
    const answer = await ask(query, person);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.json.hits;
  };
  const texts = async (query: Record<string, string | number>, person: Person | null = author) =>
    (await search(query, person)).map(({ message }) => message.content);
  async function roomOf(...lines: string[]): Promise<string> {
    const room = await makeRoom(server);
    for (const line of lines) await post(server, room, author, line);
    await indexed();
    return room;
  }

  it("[SRCH1] finds words, the begin of the last one, phrases, one of two, and leaves out", async () => {
    const room_id = await roomOf(
      "The quick brown fox",
      "a quick red fox jumps",
      "slow brown bear",
      "foxtrot",
    );
    const sorted = async (q: string) => (await texts({ q, room_id })).sort();
    expect(await sorted("quick fox")).toEqual(["The quick brown fox", "a quick red fox jumps"]);
    expect(await sorted("fox")).toEqual(["The quick brown fox", "a quick red fox jumps", "foxtrot"]);
    expect(await sorted("fox ")).toEqual(["The quick brown fox", "a quick red fox jumps"]);
    expect(await sorted('"brown fox"')).toEqual(["The quick brown fox"]);
    expect(await sorted("quick -red")).toEqual(["The quick brown fox"]);
    expect(await sorted("bear or jumps")).toEqual(["a quick red fox jumps", "slow brown bear"]);
    expect(await sorted('brown -"brown fox"')).toEqual(["slow brown bear"]);
    expect(await sorted("o")).toEqual([]);
    for (const phrase of ["“brown fox”", "„brown fox“", "«brown fox»", "「brown fox」", "＂brown fox＂"]) {
      expect(await sorted(phrase), phrase).toEqual(["The quick brown fox"]);
      expect(await sorted(`brown -${phrase}`), phrase).toEqual(["slow brown bear"]);
    }
  });

  it("[SRCH1] words of any language, without case, accents and width; of some scripts any part", async () => {
    const room_id = await roomOf(
      "Crème brûlée für Große Straßen",
      "ЁЛКА и йод",
      "Ὀδυσσεύς",
      "昨日東京タワーに行った",
      "ไปกรุงเทพ",
      "مُحَمَّد",
      "ÆØÅ ｆｕｌｌｗｉｄｔｈ",
      "see https://example.test/some_page?x=1 or mail me@example.test",
    );
    for (const [q, begin] of [
      ["creme brulee", "Crème"],
      ["GROSSE strassen", "Crème"],
      ["елка", "ЁЛКА"],
      ["ЙОД", "ЁЛКА"],
      ["οδυσσευς", "Ὀδ"],
      ["東京", "昨日"],
      ["タワ", "昨日"],
      ["京東", undefined],
      ["กรุง", "ไป"],
      ["محمد", "مُ"],
      ["æøå", "Æ"],
      ["fullwidth", "Æ"],
      ["some page", "see"],
      ["me@example.test", "see"],
      ["example.te", "see"],
    ] as const) {
      const [hit, ...more] = await search({ q, room_id });
      expect([q, hit?.message.content.startsWith(begin ?? "?") ?? false, more.length]).toEqual([
        q,
        begin !== undefined,
        0,
      ]);
      if (hit) expect([q, hit.ranges.length > 0]).toEqual([q, true]);
    }
  });

  it("[SRCH1] whatever is asked is a search, and its answer no error", async () => {
    const room_id = await roomOf("it's a trap: 'quoted' \\ & | ! <-> :*", "plain");
    const odd = [
      "'",
      '"',
      "''",
      "&",
      "a & b",
      "!",
      "-",
      "-plain",
      "or",
      "or or",
      "<->",
      ":*",
      "a:*",
      "\\",
      "\\'",
      "(",
      "%",
      "_",
    ];
    const more = [
      '"unclosed',
      '-"',
      "x".repeat(500),
      "a ".repeat(250),
      "\0",
      "\u{1f600}",
      "a:b:c",
      "-- or",
      '""',
      "1e999 v2",
    ];
    for (const q of [...odd, ...more]) expect([q, (await ask({ q, room_id })).status]).toEqual([q, 200]);
    expect(await texts({ q: "it's", room_id })).toHaveLength(1);
    expect(await texts({ q: "'quoted'", room_id })).toHaveLength(1);
    for (const query of [
      { q: "" },
      { q: "x".repeat(501) },
      { q: "a", cursor: "nonsense" },
      { q: "a", before: "soon" },
    ])
      expect((await ask({ ...query, room_id })).json.code).toBe("invalid_request");
  });

  it("[SRCH1] by author and time, in pages without a repeat, better and newer ones first", async () => {
    const room_id = await roomOf();
    await fillRoom(server, room_id, 60, "needle in much much more hay than the others have");
    const other = await makeGuest(server, "Other");
    await post(server, room_id, other, "needle needle");
    await inDatabase(
      server,
      (sql) => sql`
      update messages set created_at = '2024-01-01'::timestamptz + seq * interval '1 day' where room_id = ${room_id} and seq <= 60`,
    );
    await indexed();
    const q = "needle";
    expect((await texts({ q, room_id }))[0]).toBe("needle needle");
    expect(await texts({ q, room_id, from_user: other.id })).toEqual(["needle needle"]);
    expect(await search({ q, room_id, before: "2024-01-11", limit: 50 })).toHaveLength(9);
    expect(await search({ q, room_id, after: "2024-02-01", before: "2024-02-11" })).toHaveLength(10);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { json }: { json: { hits: Hit[]; cursor: string | null; partial: boolean } } = await ask({
        q,
        room_id,
        limit: 7,
        ...(cursor === "" ? {} : { cursor }),
      });
      seen.push(...json.hits.map(({ message }) => message.id));
      expect(json.partial).toBe(false);
      cursor = json.cursor;
    }
    expect([seen.length, new Set(seen).size]).toEqual([61, 61]);
    const numbers = seen.slice(1).map((id) => Number(id.split(":")[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  it("[SRCH1] pages go through all tiers of a large room, the newest first, each hit once", async () => {
    const room_id = await makeRoom(server);
    await fillRoom(server, room_id, 9_000, "hay", { every: 60, content: "needle" });
    await server.restart();
    await indexed();
    const seen: number[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const asked: Record<string, string | number> = { q: "needl", room_id, limit: 40 };
      const { json } = await ask(cursor === "" ? asked : { ...asked, cursor });
      seen.push(...json.hits.map(({ message }: Hit) => Number(message.id.split(":")[1])));
      cursor = json.cursor;
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(range(1, 150).map((place) => place * 60));
    const tierOf = (seq: number) => (seq >= 3 * 2_048 ? 0 : 1);
    expect(seen.map(tierOf)).toEqual(seen.map(tierOf).sort());
    expect((await texts({ q: "hay", room_id, limit: 1 }))[0]).toBe("hay");
  });

  it("[SRCH2] what is found is text and places, never markup", async () => {
    const room_id = await roomOf("<img src=x onerror=alert(1)> Déjà vu");
    const [hit] = await search({ q: "deja", room_id });
    expect(hit?.text).toBe("<img src=x onerror=alert(1)> Déjà vu");
    expect(hit?.ranges).toEqual([[29, 33]]);
    expect(hit?.message.content).toBe(hit?.text);
  });

  it("[SRCH3] a room that cannot be indexed keeps no other from it", async () => {
    const rooms = await Promise.all(["antidote", "poison", "antidote"].map(() => makeRoom(server)));
    const [first = "", ill = "", last = ""] = rooms;
    await inDatabase(server, async (sql) => {
      await sql.unsafe(`
        create function refuse_poison() returns trigger language plpgsql as $body$
        begin
          if new.words @@ 'poison'::tsquery then raise exception 'it is poison'; end if;
          return new;
        end $body$;
        create trigger refuse_poison before insert on search_docs for each row execute function refuse_poison()`);
    });
    try {
      await Promise.all(
        rooms.map((id) => post(server, id, author, id === ill ? "poison" : "antidote to all of it")),
      );
      for (const room_id of [first, last])
        await until(async () => (await texts({ q: "antidote", room_id })).length === 1, "it is found");
    } finally {
      await inDatabase(server, (sql) => sql.unsafe("drop function refuse_poison() cascade"));
    }
    await server.restart();
    await indexed();
    expect(await texts({ q: "poison", room_id: ill })).toEqual(["poison"]);
  });

  it("[SRCH3] an edit is found under its new text, a deleted message never", async () => {
    const room_id = await roomOf("former words", "other words");
    const [edited, deleted] = [
      (await search({ q: "former", room_id }))[0]?.message.id,
      (await search({ q: "other", room_id }))[0]?.message.id,
    ];
    await author.request("PATCH", `/rooms/${room_id}/messages/${edited}`, {
      body: { content: "latter words" },
    });
    await author.request("DELETE", `/rooms/${room_id}/messages/${deleted}`);
    expect(await texts({ q: "other", room_id })).toEqual([]);
    await indexed();
    expect(await texts({ q: "former", room_id })).toEqual([]);
    expect(await texts({ q: "words", room_id })).toEqual(["latter words"]);
    const path = `/rooms/${room_id}/messages/${edited}/reactions/ok`;
    await author.request("PUT", path, { body: { user_id: author.id } });
    await indexed();
    expect(await texts({ q: "latter", room_id })).toEqual(["latter words"]);
  });

  it("[SRCH3] what was stored beside the server or before it started is indexed too", async () => {
    const room_id = await makeRoom(server);
    await fillRoom(server, room_id, 450, "backlog of lines");
    await server.restart();
    await indexed();
    expect((await ask({ q: "backlog", room_id, limit: 50 })).json.hits).toHaveLength(50);
  });

  it("[SRCH4] in all rooms that the caller is a member of and may read, or one that it may read", async () => {
    const [reader, stranger] = [await makeGuest(server, "Reader"), await makeGuest(server, "Stranger")];
    const word = "xylophone";
    const open = await makeRoom(server);
    const unjoined = await makeRoom(server);
    const locked = await makeRoom(server, { password: "secret" });
    const left = await makeRoom(server);
    for (const [room, text] of [
      [open, "open"],
      [locked, "locked"],
      [left, "left"],
    ] as const) {
      for (const person of [reader, author])
        await person.request("POST", `/rooms/${room}/join`, {
          body: { user_id: person.id, password: "secret" },
        });
      await post(server, room, author, `${word} ${text}`);
    }
    await post(server, unjoined, author, `${word} unjoined`);
    await indexed();
    const found = async (person: Person | null, fields = {}) =>
      (await texts({ q: word, ...fields }, person)).sort();
    expect(await found(reader)).toEqual([`${word} left`, `${word} locked`, `${word} open`]);
    expect(await found(stranger)).toEqual([]);
    expect(await found(stranger, { room_id: unjoined })).toEqual([`${word} unjoined`]);
    expect(await found(null, { room_id: open })).toEqual([`${word} open`]);
    expect((await ask({ q: word, room_id: locked }, stranger)).json.code).toBe("password_required");
    expect((await ask({ q: word }, null)).json.code).toBe("session_required");
    await inDatabase(server, async (sql) => {
      await sql`delete from device_grants where room_id = ${locked}`;
      await sql`update room_members set banned_at = now() where room_id = ${left} and user_id = ${reader.id}`;
    });
    expect(await found(reader)).toEqual([`${word} open`]);
  });

  it("[SRCH3] texts that take the database too long together are indexed in smaller goes at once", async () => {
    const rooms = await Promise.all(range(1, 12).map(() => makeRoom(server)));
    await inDatabase(server, async (sql) => {
      // Three in a room take some 100 ms of it here: all of them together are more than one statement may take.
      await sql`
        insert into messages (id, room_id, seq, updated_seq, user_id, username, content, created_at)
        select room_id || ':' || n, room_id, n, n, 'u', 'u', (
          select string_agg(chr(19968 + (i * 7919 + n * 104729) % 20000), '') from generate_series(1, 20000) i), now()
        from unnest(${rooms}::text[]) room_id, generate_series(1, 3) n`;
      await sql`update rooms set head_seq = 3, message_count = 3 where id = any (${rooms})`;
      await sql`set statement_timeout = 400`;
      const kept = keepLog("debug");
      const indexer = startIndexer({ sql, bus: createMemoryBus(), log: kept.log });
      const done = async () =>
        await sql`select 1 from search_cursors where room_id = any (${rooms}) and indexed_seq = 3`;
      await until(async () => (await done()).length === rooms.length, "all of it is in the index", 40_000);
      await indexer.stop();
      expect(kept.messages()).toContain("messages are indexed in smaller goes");
      // It waits after what it says so of.
      expect(kept.messages()).not.toContain("messages were not indexed");
    });
  }, 60_000);

  it("[SRCH4] private conversations for their two people alone", async () => {
    const [ann, ben] = [await makeAccount(server, newName("ann")), await makeAccount(server, newName("ben"))];
    const [low, high] = [ann.id, ben.id].sort();
    const room = `dm:${low}:${high}`;
    await inDatabase(server, async (sql) => {
      await sql`insert into rooms (id, kind, name, privacy) values (${room}, 'direct', 'Direct messages', 'private')`;
      for (const { id } of [ann, ben])
        await sql`insert into room_members (room_id, user_id, username) values (${room}, ${id}, 'x')`;
    });
    await fillRoom(server, room, 1, "confidential");
    await server.restart();
    await indexed();
    expect(await texts({ q: "confidential" }, ann)).toHaveLength(1);
    expect(await texts({ q: "confidential" })).toEqual([]);
    expect((await ask({ q: "confidential", room_id: room })).status).toBe(403);
  });

  it("[SRCH5] too many searches of one address are told to wait", async () => {
    const limited = await startTestServer({ rateLimit: true });
    const room = await makeRoom(limited);
    const answers = await Promise.all(
      Array.from({ length: 130 }, () => request(limited, "GET", `/search?q=a&room_id=${room}`)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get("retry-after")).toMatch(/^\d+$/);
    await limited.close();
  });
});
