import type { Page } from "playwright-core";
import { CALL_STOPS } from "./call-stops.js";
import { type Guide, inRoom, type Stop } from "./stop.js";
import { localeOf, WORDS } from "./texts.js";
import type { World } from "./world.js";

const breakfast = ({ rooms }: World) => `/r/${rooms.breakfast}`;
const home = () => "/";
const settings = () => "/settings";

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true }).first();
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first();
const composer = ({ page, words }: Guide) =>
  page.getByRole("textbox", { name: words.chat.composer, exact: true });

async function openSearch(guide: Guide): Promise<void> {
  await inRoom(guide);
  await button(guide.page, guide.words.find.search).click();
  await guide.page.getByRole("searchbox", { name: guide.words.find.search }).waitFor();
}

async function openRoomMenu(guide: Guide, item?: string): Promise<void> {
  await inRoom(guide);
  await button(guide.page, guide.words.find.menu).click();
  await guide.page.getByRole("menu").waitFor();
  if (item) await guide.page.getByRole("menuitem", { name: item }).click();
}

/** The focus on the person's own last message: its bar of actions is there. */
async function onOwnMessage(guide: Guide): Promise<void> {
  await inRoom(guide);
  const { page, words, world } = guide;
  const line = page.locator("[data-seq]").filter({ hasText: world.texts.lines.answer.split("\n")[0] ?? "" });
  await line.focus();
  await button(page, words.chat.moreActions).waitFor();
}

async function openMessageMenu(guide: Guide, item?: string): Promise<void> {
  await onOwnMessage(guide);
  await button(guide.page, guide.words.chat.moreActions).click();
  await guide.page.getByRole("menu").waitFor();
  if (item) await guide.page.getByRole("menuitem", { name: item, exact: true }).click();
}

/** The list of rooms is beside the page, or is the page. */
async function openSidebarMenu(guide: Guide, item?: string): Promise<void> {
  await guide.page
    .getByRole("navigation", { name: guide.words.rooms.rooms })
    .getByRole("link")
    .first()
    .waitFor();
  await button(guide.page, guide.words.rooms.more).click();
  await guide.page.getByRole("menu").waitFor();
  if (item) await guide.page.getByRole("menuitem", { name: item, exact: true }).click();
}

const dialog = (page: Page) => page.getByRole("dialog").last();

/** Every screen, menu and dialog. */
export const STOPS: readonly Stop[] = [
  {
    name: "welcome",
    title: "The first visit",
    as: "nobody",
    path: home,
    act: ({ page, words }) => heading(page, words.session.welcomeTitle).waitFor(),
  },
  {
    name: "invitation",
    title: "An invitation",
    as: "nobody",
    path: breakfast,
    act: ({ page, words, world }) => heading(page, words.session.invitedTitle(world.texts.room)).waitFor(),
    minor: true,
  },
  {
    name: "login",
    title: "Logging in, with a wrong password",
    as: "nobody",
    path: () => "/login",
    async act({ page, words, world }) {
      await page.getByLabel(words.session.username).fill(world.texts.me);
      await page.getByLabel(words.session.password, { exact: true }).fill("not the right one");
      await button(page, words.session.logIn).click();
      await page.getByText(words.errors.wrongLogin).waitFor();
    },
  },
  {
    name: "login-link",
    title: "Logging in by mail",
    as: "nobody",
    path: () => "/login",
    async act({ page, words }) {
      await button(page, words.session.useLink).click();
      await page.getByLabel(words.session.email).waitFor();
    },
    minor: true,
  },
  {
    name: "signup",
    title: "Making an account",
    as: "nobody",
    path: () => "/signup",
    async act({ page, words }) {
      await page.getByLabel(words.session.username).fill("S");
      await button(page, words.session.createAccount).click();
      await page.getByRole("alert").first().waitFor();
    },
    minor: true,
  },
  {
    name: "link-failed",
    title: "A sign-in link that has expired",
    as: "nobody",
    path: () => "/auth/verify?token=expired",
    act: ({ page, words }) => heading(page, words.session.verifyFailed).waitFor(),
    minor: true,
  },
  {
    name: "signed-out",
    title: "A session that has ended",
    as: "lost",
    path: breakfast,
    act: ({ page, words, world }) =>
      heading(page, words.session.expiredTitle(`${world.texts.me} 2`)).waitFor(),
  },
  {
    name: "unreachable",
    title: "The server is away",
    as: "guest",
    path: breakfast,
    before: async ({ page }) => {
      await page.route(/\/(users|auth)\//, (route) => route.abort());
    },
    act: ({ page, words }) => heading(page, words.session.unreachableTitle).waitFor(),
  },
  {
    name: "home",
    title: "All rooms",
    as: "guest",
    path: home,
    act: ({ page, words, world }) =>
      page
        .getByRole("navigation", { name: words.rooms.rooms })
        .getByRole("link", { name: new RegExp(world.texts.club) })
        .first()
        .waitFor(),
  },
  {
    name: "home-empty",
    title: "No rooms yet",
    as: "guest",
    path: home,
    before: async ({ page }) => {
      await page.route(/\/rooms(\?.*)?$/, (route) => route.fulfill({ json: [] }));
    },
    act: ({ page, words }) => page.getByText(words.rooms.noneText).first().waitFor(),
  },
  {
    name: "home-failed",
    title: "The rooms could not be loaded",
    as: "guest",
    path: home,
    before: async ({ page }) => {
      await page.route(/\/rooms(\?.*)?$/, (route) => route.abort());
      await page.routeWebSocket(/\/ws\/dm\//, (socket) => socket.close());
    },
    act: ({ page, words }) => page.getByText(words.rooms.loadFailed).first().waitFor(),
    minor: true,
  },
  {
    name: "sidebar-menu",
    title: "The menu of the rooms",
    as: "guest",
    path: home,
    act: openSidebarMenu,
    minor: true,
  },
  {
    name: "no-match",
    title: "No room is called so",
    as: "guest",
    path: home,
    async act({ page, words }) {
      await page.getByRole("searchbox", { name: words.rooms.search }).fill("qqq");
      await page.getByText(words.rooms.noMatch("qqq")).waitFor();
    },
    minor: true,
  },
  {
    name: "create-room",
    title: "Making a room",
    as: "guest",
    path: home,
    async act(guide) {
      await openSidebarMenu(guide, guide.words.rooms.newRoom);
      await dialog(guide.page).getByText(guide.words.rooms.privacy.password.title).click();
      await dialog(guide.page).getByLabel(guide.words.rooms.roomPassword).waitFor();
    },
  },
  {
    name: "join-link",
    title: "Joining by link",
    as: "guest",
    path: home,
    async act(guide) {
      await openSidebarMenu(guide, guide.words.rooms.joinByLink);
      await dialog(guide.page).getByLabel(guide.words.rooms.roomLink).fill("?");
      await dialog(guide.page).getByRole("button", { name: guide.words.rooms.join }).click();
      await guide.page.getByText(guide.words.rooms.badLink).waitFor();
    },
    minor: true,
  },
  {
    name: "shortcuts",
    title: "The map of the keyboard",
    as: "guest",
    path: home,
    async act(guide) {
      await openSidebarMenu(guide, guide.words.keys.show);
      await heading(guide.page, guide.words.keys.title).waitFor();
    },
  },
  {
    name: "switcher",
    title: "Going to a room or a person",
    as: "guest",
    path: home,
    async act({ page, words, world }) {
      await page.getByRole("navigation", { name: words.rooms.rooms }).getByRole("link").first().waitFor();
      const field = page.getByRole("combobox", { name: words.rooms.switcher });
      // The keys are loaded a moment after the page.
      for (let tries = 0; tries < 10 && !(await field.isVisible()); tries++) {
        await page.keyboard.press("Control+k");
        await field.waitFor({ timeout: 2_000 }).catch(() => null);
      }
      await page
        .getByRole("option", { name: new RegExp(world.texts.maya) })
        .first()
        .waitFor();
    },
  },
  { name: "room", title: "A room", as: "guest", path: breakfast, act: inRoom },
  {
    name: "room-empty",
    title: "A room at its beginning",
    as: "guest",
    path: ({ rooms }) => `/r/${rooms.empty}`,
    act: ({ page, words, world }) => heading(page, words.chat.emptyTitle(world.texts.empty)).waitFor(),
  },
  {
    name: "room-locked",
    title: "A room with a password",
    as: "guest",
    path: ({ rooms }) => `/r/${rooms.locked}`,
    act: ({ page, words, world }) => heading(page, words.rooms.passwordTitle(world.texts.locked)).waitFor(),
  },
  {
    name: "room-unknown",
    title: "No such room",
    as: "guest",
    path: () => "/r/nowhere",
    act: ({ page, words }) => heading(page, words.rooms.unknownTitle).waitFor(),
    minor: true,
  },
  {
    name: "page-unknown",
    title: "No such page",
    as: "guest",
    path: settings,
    async act({ page, words }) {
      await heading(page, words.profile.privacy).waitFor();
      // The server knows no such page; an old link of the client's own would lead there.
      await page.evaluate(() => history.pushState(null, "", "/nowhere"));
      await heading(page, words.common.noPageTitle).waitFor();
    },
    minor: true,
  },
  {
    name: "direct",
    title: "A direct conversation",
    as: "guest",
    path: ({ rooms }) => `/r/${rooms.direct}`,
    act: ({ page, world }) => page.getByRole("log").getByText(world.texts.lines.direct).waitFor(),
  },
  {
    name: "people",
    title: "Who is here",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await inRoom(guide);
      const { page, words } = guide;
      const show = button(page, words.chat.showPeople);
      if (await show.isVisible()) await show.click();
      await page.getByText(words.chat.hereNow(2)).first().waitFor();
    },
    minor: true,
  },
  {
    name: "profile-card",
    title: "Somebody's card",
    as: "guest",
    path: ({ rooms }) => `/r/${rooms.direct}`,
    async act({ page, words, world }) {
      await heading(page, world.texts.maya).getByRole("button").click();
      await dialog(page).getByText(world.texts.bio).waitFor();
      await page.getByText(words.people.here).first().waitFor();
    },
  },
  {
    name: "message-menu",
    title: "What one can do with a message",
    as: "guest",
    path: breakfast,
    act: openMessageMenu,
  },
  {
    name: "react",
    title: "Reacting",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await onOwnMessage(guide);
      await button(guide.page, guide.words.chat.react).click();
      await button(guide.page, guide.words.chat.allEmoji).waitFor();
    },
    minor: true,
  },
  {
    name: "emoji",
    title: "All emoji",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await inRoom(guide);
      await button(guide.page, guide.words.chat.insertEmoji).click();
      await guide.page.locator("[data-emoji]").first().waitFor();
    },
  },
  {
    name: "mention",
    title: "Mentioning somebody",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await inRoom(guide);
      await composer(guide).pressSequentially("@");
      await guide.page.getByRole("option").first().waitFor();
    },
    minor: true,
  },
  {
    name: "edit",
    title: "Editing a message",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openMessageMenu(guide, guide.words.chat.edit);
      await guide.page.getByRole("textbox", { name: guide.words.chat.editing }).waitFor();
    },
    minor: true,
  },
  {
    name: "history",
    title: "What a message said before",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openMessageMenu(guide, guide.words.chat.showHistory);
      await dialog(guide.page).getByText(guide.world.texts.lines.before).waitFor();
    },
    minor: true,
  },
  {
    name: "delete",
    title: "Deleting a message",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openMessageMenu(guide, guide.words.chat.delete);
      await heading(guide.page, guide.words.chat.deleteTitle).waitFor();
    },
    minor: true,
  },
  {
    name: "answer",
    title: "An answer with files",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openMessageMenu(guide, guide.words.chat.reply);
      const { page, words, world } = guide;
      await page.getByText(words.chat.answering(world.texts.me)).waitFor();
      await page.locator('main input[type="file"]').setInputFiles([
        { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("flour, eggs, ".repeat(400)) },
        { name: "chairs.csv", mimeType: "text/csv", buffer: Buffer.from("who,how many\n".repeat(90)) },
      ]);
      const tray = page.getByRole("region", { name: words.files.tray });
      await tray.getByText("chairs").waitFor();
      await tray.getByRole("progressbar").first().waitFor({ state: "detached" });
    },
  },
  {
    name: "offline",
    title: "Without a connection",
    as: "guest",
    path: breakfast,
    before: async ({ page }) => {
      await page.addInitScript(() => {
        const sockets: WebSocket[] = [];
        const recorded = new Proxy(WebSocket, {
          construct(Native, [url]: [string]) {
            const socket = new Native(url);
            sockets.push(socket);
            return socket;
          },
        });
        Object.assign(window, { WebSocket: recorded, sockets });
      });
    },
    async act(guide) {
      await inRoom(guide);
      const { page, words, world } = guide;
      await page.context().setOffline(true);
      await page.evaluate(() => {
        for (const socket of (window as unknown as { sockets: WebSocket[] }).sockets) socket.close();
      });
      await composer(guide).fill(world.texts.lines.morning);
      await composer(guide).press("Enter");
      await page.getByText(words.connection.offline).waitFor();
      await page.getByText(words.chat.waiting).waitFor();
    },
  },
  {
    name: "failed",
    title: "A message that was refused",
    as: "guest",
    path: breakfast,
    before: async ({ page }) => {
      const refuse = { status: 403, json: { detail: "no", code: "banned", retry: false } };
      await page.route(/\/rooms\/[^/]+\/messages$/, (route) =>
        route.request().method() === "POST" ? route.fulfill(refuse) : route.continue(),
      );
      await page.routeWebSocket(/\/ws\/(?!dm\/)/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((frame) => {
          const { type, client_id } = JSON.parse(String(frame)) as { type: string; client_id?: string };
          if (type !== "message") return server.send(frame);
          socket.send(JSON.stringify({ type: "error", code: "banned", detail: "no", client_id }));
        });
      });
    },
    async act(guide) {
      await inRoom(guide);
      await composer(guide).fill(guide.world.texts.lines.morning);
      await composer(guide).press("Enter");
      await guide.page.getByText(guide.words.errors.banned).waitFor();
    },
    minor: true,
  },
  {
    name: "search",
    title: "Searching",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openSearch(guide);
      const { page, words, world } = guide;
      const field = page.getByRole("searchbox", { name: words.find.search });
      const mark = dialog(page).locator("mark").first();
      // The index runs a moment behind the room.
      for (let tries = 0; tries < 10 && !(await mark.isVisible()); tries++) {
        await field.fill("");
        await field.fill(world.texts.search);
        await mark.waitFor({ timeout: 2_000 }).catch(() => null);
      }
      await mark.waitFor();
    },
  },
  {
    name: "search-start",
    title: "Before a search",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openSearch(guide);
      await guide.page.getByText(guide.words.find.start).waitFor();
    },
    minor: true,
  },
  {
    name: "room-menu",
    title: "What one can do with a room",
    as: "guest",
    path: breakfast,
    act: openRoomMenu,
  },
  {
    name: "pins",
    title: "Pinned messages",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.find.pins);
      await dialog(guide.page).getByText("Jonas").first().waitFor();
    },
  },
  {
    name: "mentions",
    title: "Mentions",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.find.mentions);
      await dialog(guide.page).getByText(guide.world.texts.aiko).first().waitFor();
    },
    minor: true,
  },
  {
    name: "date",
    title: "Going to a date",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.find.date);
      await dialog(guide.page).getByLabel(guide.words.find.day).waitFor();
    },
    minor: true,
  },
  {
    name: "room-settings",
    title: "Room settings",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.rooms.settings);
      await heading(guide.page, guide.words.rooms.settings).waitFor();
      await guide.page.getByLabel(guide.words.rooms.name).waitFor();
    },
    minor: true,
  },
  {
    name: "room-delete",
    title: "Deleting a room",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.rooms.settings);
      await button(guide.page, guide.words.hosting.deleteRoom).click();
      await heading(guide.page, guide.words.hosting.deleteTitle(guide.world.texts.room)).waitFor();
    },
    minor: true,
  },
  {
    name: "room-remove",
    title: "Removing somebody from a room",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await inRoom(guide);
      const { page, words, world } = guide;
      await page.getByRole("log").getByRole("button", { name: world.texts.jonas }).first().click();
      await dialog(page).getByRole("button", { name: words.hosting.remove }).click();
      await heading(page, words.hosting.removeTitle(world.texts.jonas, world.texts.room)).waitFor();
    },
    minor: true,
  },
  {
    name: "leave-room",
    title: "Leaving a room",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await openRoomMenu(guide, guide.words.rooms.leaveRoom);
      await heading(guide.page, guide.words.rooms.leaveTitle(guide.world.texts.room)).waitFor();
    },
    minor: true,
  },
  {
    name: "viewer",
    title: "A picture, large",
    as: "guest",
    path: breakfast,
    async act(guide) {
      await inRoom(guide);
      const { page, words } = guide;
      const picture = page.getByRole("button", { name: words.files.view("market.png") });
      // On a phone it is so far up that the list has not drawn it; a list that has just opened may still go to its end.
      await page.waitForFunction((label) => {
        document.querySelector('[role="log"]')?.scrollTo(0, 0);
        return document.querySelector(`[role="log"] [aria-label="${label}"]`) !== null;
      }, words.files.view("market.png"));
      await picture.scrollIntoViewIfNeeded();
      await picture.click();
      await button(page, words.files.zoomIn).waitFor();
    },
  },
  {
    name: "recorder",
    title: "Recording a voice message",
    as: "guest",
    path: breakfast,
    before: async ({ page, world }) => {
      await page.context().grantPermissions(["microphone"], { origin: world.url });
    },
    async act(guide) {
      await inRoom(guide);
      const { page, words } = guide;
      await button(page, words.files.record).click();
      await button(page, words.files.stop).waitFor();
      await page.waitForFunction(
        (label) => !document.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)?.disabled,
        words.files.stop,
      );
    },
    minor: true,
  },
  {
    name: "settings",
    title: "Settings",
    as: "guest",
    path: settings,
    act: ({ page, words }) => heading(page, words.profile.privacy).waitFor(),
  },
  {
    name: "crop",
    title: "Cropping a picture",
    as: "guest",
    path: settings,
    async act({ page, words }) {
      await heading(page, words.profile.privacy).waitFor();
      await page
        .locator('input[type="file"]')
        .first()
        .setInputFiles({
          name: "me.png",
          mimeType: "image/png",
          buffer: await page.screenshot(),
        });
      await heading(page, words.profile.cropTitle).waitFor();
    },
  },
  {
    name: "leave",
    title: "Leaving without an account",
    as: "guest",
    path: settings,
    async act({ page, words }) {
      await button(page, words.profile.leaveGuest).click();
      await heading(page, words.profile.leaveGuestTitle).waitFor();
    },
    minor: true,
  },
  ...CALL_STOPS,
];

/** What a visit looks like. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

/** Opens a stop in a browser of its own, and waits until it is whole and still. */
export async function visit(
  newPage: (options: {
    storageState: World["states"]["guest"];
    viewport: { width: number; height: number };
    colorScheme: "dark" | "light";
    locale: string;
    reducedMotion: "reduce";
  }) => Promise<Page>,
  stop: Stop,
  world: World,
  look: Look,
): Promise<Page> {
  const page = await newPage({
    storageState: world.states[stop.as],
    viewport: { width: look.width, height: look.height },
    colorScheme: look.dark ? "dark" : "light",
    locale: localeOf(world.language),
    reducedMotion: "reduce",
  });
  const guide = { page, world, words: WORDS[world.language] };
  await stop.before?.(guide);
  await page.goto(world.url + stop.path(world));
  await stop.act(guide);
  await page.waitForFunction(() =>
    [...document.images].every((image) => image.complete || image.loading === "lazy"),
  );
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  return page;
}
