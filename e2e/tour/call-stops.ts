import type { Page } from "playwright-core";
import { type Guide, inRoom, type Stop } from "./stop.js";
import { CALL_WORDS } from "./texts.js";
import type { World } from "./world.js";

const wordsOf = ({ language }: World) => CALL_WORDS[language];
const breakfast = ({ rooms }: World) => `/r/${rooms.breakfast}`;
const stage = (page: Page, world: World) =>
  page.getByRole("region", { name: wordsOf(world).stage, exact: true });

/** Maya is in the room's call, and there is a camera. */
async function meet({ page, world }: Guide): Promise<void> {
  await world.film(page);
  await world.call(world.rooms.breakfast);
}

async function getReady(guide: Guide): Promise<void> {
  const { page, world } = guide;
  const { joinCall, preview } = wordsOf(world);
  await inRoom(guide);
  await page.getByRole("button", { name: joinCall }).first().click();
  await page.getByRole("dialog").getByLabel(preview).waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.videoWidth > 0),
  );
}

/** Both pictures are there. */
async function join(guide: Guide): Promise<void> {
  const { page, world } = guide;
  await getReady(guide);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: wordsOf(world).joinCall })
    .click();
  await stage(page, world).getByRole("toolbar").waitFor();
  await page.waitForFunction(() => {
    const pictures = [...document.querySelectorAll<HTMLVideoElement>("[data-leg] video")];
    return pictures.length === 2 && pictures.every((video) => video.videoWidth > 0);
  });
}

/** The screens of calls, the last of the tour: Maya stays in the call. */
export const CALL_STOPS: readonly Stop[] = [
  {
    name: "call-bar",
    title: "A call goes on in the room",
    as: "guest",
    path: breakfast,
    before: meet,
    async act(guide) {
      await inRoom(guide);
      await guide.page
        .getByText(wordsOf(guide.world).inCall([guide.world.texts.maya], 0))
        .first()
        .waitFor();
    },
    minor: true,
  },
  {
    name: "call-ready",
    title: "Getting ready for a call",
    as: "guest",
    path: breakfast,
    before: meet,
    act: getReady,
  },
  {
    name: "call-devices",
    title: "Devices of a call",
    as: "guest",
    path: breakfast,
    before: meet,
    async act(guide) {
      await getReady(guide);
      const { settings, pushToTalk } = wordsOf(guide.world);
      await guide.page.getByRole("dialog").getByRole("button", { name: settings }).click();
      await guide.page.getByRole("switch", { name: pushToTalk }).waitFor();
    },
    minor: true,
  },
  { name: "call", title: "In a call", as: "guest", path: breakfast, before: meet, act: join },
  {
    name: "call-chat",
    title: "The chat beside a call",
    as: "guest",
    path: breakfast,
    before: meet,
    async act(guide) {
      await join(guide);
      const { showChat } = wordsOf(guide.world);
      const show = stage(guide.page, guide.world).getByRole("button", { name: showChat });
      if ((await show.count()) > 0) await show.click();
      await guide.page.getByRole("log").waitFor();
    },
  },
  {
    name: "call-menu",
    title: "What a moderator can do in a call",
    as: "guest",
    path: breakfast,
    before: meet,
    async act(guide) {
      await join(guide);
      await stage(guide.page, guide.world)
        .getByRole("button", { name: wordsOf(guide.world).more })
        .click();
      await guide.page.getByRole("menuitem", { name: wordsOf(guide.world).end }).waitFor();
    },
  },
  {
    name: "check",
    title: "Checking what a call needs",
    as: "guest",
    path: ({ rooms }) => `/check?room=${rooms.breakfast}`,
    before: ({ page, world }) => world.film(page),
    async act({ page, world }) {
      const { begin, copy } = wordsOf(world).check;
      await page.getByRole("button", { name: begin }).click();
      await page.getByRole("button", { name: copy }).waitFor();
    },
    minor: true,
  },
  {
    name: "call-ringing",
    title: "A call rings",
    as: "guest",
    path: () => "/",
    async act({ page, world }) {
      await page.getByRole("navigation").first().waitFor();
      await world.call(world.rooms.direct, true);
      await page.getByRole("alertdialog", { name: wordsOf(world).isCalling(world.texts.maya) }).waitFor();
    },
  },
];
