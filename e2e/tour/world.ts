import type { APIRequestContext, Browser, BrowserContext, Page } from "playwright-core";
import { giveCamera } from "./camera.js";
import { drawFace, drawMarket, drawPortrait } from "./drawings.js";
import { CALL_WORDS, localeOf, TEXTS, type Texts, type TourLanguage } from "./texts.js";

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

interface Person {
  readonly id: string;
  readonly name: string;
  readonly request: APIRequestContext;
}

/** A server in which people have talked: what the tour shows. */
export interface World {
  readonly url: string;
  readonly language: TourLanguage;
  readonly texts: Texts;
  /** Ids of rooms. */
  readonly rooms: Readonly<Record<"breakfast" | "club" | "garden" | "locked" | "empty" | "direct", string>>;
  /** Who somebody is in a browser: a guest with rooms, an account whose session is over, or nobody. */
  readonly states: Readonly<Record<"guest" | "lost" | "nobody", StorageState>>;
  /** Somebody writes in a room. */
  say(who: "maya" | "jonas" | "aiko", room: string, content: string): Promise<void>;
  /** Gives a page the camera of the one who looks. */
  film(page: Page): Promise<void>;
  /** Maya is in a room's call: goes on with it, or (`anew`) begins one. */
  call(room: string, anew?: boolean): Promise<void>;
  /** Ends what keeps people online. */
  close(): Promise<void>;
}

async function read<T>(
  answer: Promise<{ ok(): boolean; url(): string; text(): Promise<string> }>,
): Promise<T> {
  const got = await answer;
  if (!got.ok()) throw new Error(`${got.url()}: ${await got.text()}`);
  return JSON.parse(await got.text()) as T;
}

const asJson = (data: unknown) => ({ data, headers: { "content-type": "application/json" } });

/** Uploads a file, and answers its id. */
async function upload(
  url: string,
  person: Person,
  room: string,
  file: { name: string; bytes: Buffer; extra?: object },
): Promise<string> {
  const size = file.bytes.length;
  const body = { name: file.name, size, user_id: person.id, ...file.extra };
  const { id } = await read<{ id: string }>(
    person.request.post(`${url}/rooms/${room}/uploads`, asJson(body)),
  );
  await read(
    person.request.patch(`${url}/uploads/${id}?user_id=${person.id}`, {
      data: file.bytes,
      headers: { "content-type": "application/octet-stream", "upload-offset": "0" },
    }),
  );
  return id;
}

/** A tone, long enough for a waveform that looks spoken. */
function voiceNote(): Buffer {
  const samples = 8_000 * 9;
  const buffer = Buffer.alloc(44 + samples, 128);
  buffer.write("RIFF", 0);
  buffer.writeUInt32LE(36 + samples, 4);
  buffer.write("WAVEfmt ", 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(8_000, 24);
  buffer.writeUInt32LE(8_000, 28);
  buffer.writeUInt16LE(1, 32);
  buffer.writeUInt16LE(8, 34);
  buffer.write("data", 36);
  buffer.writeUInt32LE(samples, 40);
  return buffer;
}

const WAVEFORM = Array.from({ length: 60 }, (_, n) =>
  Math.round(40 + 180 * Math.abs(Math.sin(n / 3) * Math.cos(n / 7))),
);

/** Fills an empty server with people, rooms and a morning's talk. */
export async function settle(browser: Browser, url: string, language: TourLanguage): Promise<World> {
  const texts = TEXTS[language];
  const contexts: BrowserContext[] = [];
  async function arrive(name: string): Promise<Person> {
    const context = await browser.newContext({ locale: localeOf(language) });
    contexts.push(context);
    const { request } = context;
    const { id } = await read<{ id: string }>(request.post(`${url}/users`, asJson({ username: name })));
    return { id, name, request };
  }
  const sam = await arrive(texts.me);
  const maya = await arrive(texts.maya);
  const jonas = await arrive(texts.jonas);
  const aiko = await arrive(texts.aiko);
  const lost = await arrive(`${texts.me} 2`);
  const page = await browser.newPage();
  for (const [person, hue] of [
    [sam, 265],
    [maya, 20],
    [jonas, 210],
  ] as const) {
    const multipart = {
      file: { name: "face.png", mimeType: "image/png", buffer: await drawFace(page, hue) },
    };
    await read(person.request.put(`${url}/users/${person.id}/avatar`, { multipart }));
  }
  const portraits = { sam: await drawPortrait(page, 265), maya: await drawPortrait(page, 21) };
  const profile = { status_emoji: "🫖", status_text: texts.status, bio: texts.bio };
  await read(maya.request.put(`${url}/users/${maya.id}/profile`, asJson(profile)));
  await read(lost.request.put(`${url}/users/${lost.id}/password`, asJson({ new_password: "a long secret" })));

  const makeRoom = async (by: Person, body: object) =>
    (await read<{ id: string }>(by.request.post(`${url}/rooms`, asJson({ created_by: by.id, ...body })))).id;
  const say = async (by: Person, room: string, content: string, extra: object = {}) =>
    await read<{ id: string; seq: number }>(
      by.request.post(`${url}/rooms/${room}/messages`, asJson({ user_id: by.id, content, ...extra })),
    );
  const join = (by: Person, room: string) =>
    read(by.request.post(`${url}/rooms/${room}/join`, asJson({ user_id: by.id, username: by.name })));

  const garden = await makeRoom(jonas, { name: texts.garden });
  const locked = await makeRoom(jonas, { name: texts.locked, privacy: "password", password: "drums" });
  const club = await makeRoom(aiko, { name: texts.club });
  await join(sam, club);
  const empty = await makeRoom(sam, { name: texts.empty });
  const { description, category, lines } = texts;
  const breakfast = await makeRoom(sam, { name: texts.room, description, category });
  const direct = (
    await read<{ id: string }>(maya.request.post(`${url}/users/${maya.id}/direct`, asJson({ with: sam.id })))
  ).id;

  await say(maya, breakfast, lines.morning);
  const coffee = await say(jonas, breakfast, lines.coffee);
  await say(jonas, breakfast, lines.bread);
  const picture = await upload(url, aiko, breakfast, { name: "market.png", bytes: await drawMarket(page) });
  const market = await say(aiko, breakfast, lines.market, { attachments: [picture] });
  await say(sam, breakfast, lines.praise, { reply_to: market.id });
  const plan = await say(maya, breakfast, lines.plan);
  const extra = { voice: true, duration_ms: 9_000, waveform: WAVEFORM, type: "audio/wav" };
  const note = await upload(url, jonas, breakfast, { name: "voice.wav", bytes: voiceNote(), extra });
  await say(jonas, breakfast, "", { attachments: [note] });
  await say(aiko, breakfast, lines.ask, { mentions: [sam.id] });
  const bytes = Buffer.from("%PDF-1.4 shakshuka, for five ".repeat(4_000));
  const recipe = await upload(url, maya, breakfast, { name: "shakshuka.pdf", bytes });
  await say(maya, breakfast, lines.recipe, { attachments: [recipe] });
  const answer = await say(sam, breakfast, lines.before);
  const path = (id: string) => `${url}/rooms/${breakfast}/messages/${id}`;
  const edit = asJson({ user_id: sam.id, content: lines.answer });
  await read(sam.request.patch(path(answer.id), edit));
  for (const [by, id, emoji] of [
    [sam, coffee.id, "☕"],
    [maya, coffee.id, "☕"],
    [jonas, market.id, "😍"],
    [sam, market.id, "😍"],
    [maya, market.id, "🍅"],
  ] as const) {
    await read(by.request.put(`${path(id)}/reactions/${encodeURIComponent(emoji)}?user_id=${by.id}`));
  }
  await read(sam.request.put(`${path(plan.id)}/pin?user_id=${sam.id}`));
  const slip = await say(jonas, breakfast, "…");
  await read(jonas.request.delete(`${path(slip.id)}?user_id=${jonas.id}`));
  for (const line of lines.books) {
    await say(aiko, club, line, { mentions: line.includes(`@${texts.me}`) ? [sam.id] : [] });
  }
  await say(maya, direct, lines.direct);
  const readAll = asJson({ user_id: sam.id, seq: slip.seq });
  await read(sam.request.put(`${url}/rooms/${breakfast}/read`, readAll));

  // Maya is here, in a page of her own.
  await page.close();
  const there = await contexts[1]?.newPage();
  await there?.addInitScript(
    (id) => localStorage.setItem("parlor:me", JSON.stringify({ user_id: id })),
    maya.id,
  );
  await there?.goto(`${url}/r/${breakfast}`);
  await there?.getByRole("log").getByText(lines.market).first().waitFor();

  /** Maya's telephone: a page of hers that is in calls. */
  let phone: Page | null = null;
  async function call(room: string, anew = false): Promise<void> {
    const words = CALL_WORDS[language];
    if (!phone) {
      phone = (await contexts[1]?.newPage()) ?? null;
      if (!phone) throw new Error("Maya is not there");
      await giveCamera(phone, portraits.maya);
      await phone.addInitScript(
        (id) => localStorage.setItem("parlor:me", JSON.stringify({ user_id: id })),
        maya.id,
      );
    }
    const stage = phone.getByRole("toolbar", { name: words.controls });
    const address = `${url}/r/${encodeURIComponent(room)}`;
    if (phone.url() === address && (await stage.count()) > 0) {
      if (!anew) return;
      await stage.getByRole("button", { name: words.leave }).click();
    } else await phone.goto(address);
    const begin = phone.getByRole("button", { name: new RegExp(`^(${words.start}|${words.joinCall})$`) });
    await begin.first().click();
    const dialog = phone.getByRole("dialog");
    await dialog.getByLabel(words.preview).waitFor();
    await dialog.getByRole("button", { name: new RegExp(`^(${words.start}|${words.joinCall})$`) }).click();
    await stage.waitFor();
  }

  const stateOf = async (person: Person, cookies: boolean): Promise<StorageState> => ({
    cookies: cookies ? (await person.request.storageState()).cookies : [],
    origins: [
      { origin: url, localStorage: [{ name: "parlor:me", value: JSON.stringify({ user_id: person.id }) }] },
    ],
  });
  return {
    url,
    language,
    texts,
    rooms: { breakfast, club, garden, locked, empty, direct },
    states: {
      guest: await stateOf(sam, true),
      lost: await stateOf(lost, false),
      nobody: { cookies: [], origins: [] },
    },
    async say(who, room, content) {
      await say({ maya, jonas, aiko }[who], room, content);
    },
    film: (shown) => giveCamera(shown, portraits.sam),
    call,
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}
