import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createRoom, describeWithBrowser, keepPicture, signUp, type Visitor } from "../support/browser.js";
import { launchCallBrowser } from "../support/call-page.js";
import {
  button,
  chooseMore,
  joinCall,
  openTalker,
  seePictures,
  stage,
  tileOf,
  tiles,
  until,
} from "../support/call-screens.js";
import { type Parlor, startParlor } from "../support/parlor.js";

describeWithBrowser("the screens of a call, with real media", () => {
  let parlor: Parlor;
  let browser: Browser;
  const open: Visitor[] = [];
  beforeAll(async () => {
    parlor = await startParlor();
    // The second camera that is made up shows depths, which nobody encodes; the third shows a picture again.
    browser = await launchCallBrowser(3);
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });
  afterEach(async () => {
    for (const { context } of open.splice(0)) await context.close();
  });

  async function come(url: string, name: string, options: Parameters<typeof openTalker>[3] = {}) {
    const visitor = await openTalker(browser, url, name, options);
    open.push(visitor);
    return visitor;
  }

  /** Ann, who made the room, and Ben, who came by its link, in its call. */
  async function talk(): Promise<{ ann: Page; ben: Page; link: string }> {
    const { page: ann } = await come(parlor.url, "Ann");
    const link = await createRoom(ann, "Salon");
    const { page: ben } = await come(link, "Ben", { width: 1100, height: 800, dark: true });
    await joinCall(ann);
    await joinCall(ben);
    await seePictures(ann);
    await seePictures(ben);
    return { ann, ben, link };
  }

  /** Connections that a page has made so far, with what each sends as its voice and its picture. */
  const sent = (page: Page) =>
    page.evaluate(() =>
      window.testPeers.map((peer) => peer.getSenders().map(({ track }) => track?.getSettings().deviceId)),
    );

  it("[UX33] hand, reactions, keys and push to talk reach the others; who talks while muted is told", async () => {
    const { ann, ben } = await talk();
    await ben.keyboard.press("h");
    await tileOf(ann, /^Ben.*hand raised/).waitFor();
    const ofBen = tiles(ann).filter({ hasText: "Ben" });
    await ofBen.hover();
    await ofBen.getByRole("button", { name: "What to do with Ben" }).click();
    await ann.getByRole("menuitem", { name: "Lower their hand" }).click();
    await ben.getByText("A moderator lowered your hand.").waitFor();
    await button(ben, "React").click();
    await ben.getByRole("button", { name: "🎉" }).click();
    await ofBen.getByText("🎉").waitFor();

    await tileOf(ann, /^Ben.*speaking/).waitFor();
    await ben.keyboard.press("m");
    await tileOf(ann, /^Ben, muted/).waitFor();
    await stage(ben).getByText("You are muted.").waitFor();
    await keepPicture(ben, "call-muted-dark-1100");
    await ben.keyboard.press("v");
    await until("no picture of Ben", async () => (await ofBen.locator("video").count()) === 0);
    await ben.keyboard.press("v");
    await ofBen.locator("video").waitFor();

    await chooseMore(ben, "Sound and picture");
    await ben.getByRole("switch", { name: "Push to talk" }).check();
    await ben.keyboard.press("Escape");
    await ben.getByRole("dialog").waitFor({ state: "hidden" });
    await ben.keyboard.down(" ");
    await tileOf(ann, /^Ben(?!.*muted)/).waitFor();
    await ben.keyboard.up(" ");
    await tileOf(ann, /^Ben, muted/).waitFor();
  });

  it("[UX37] a shared screen is large at the others, and its sharer is told so and stops with one click", async () => {
    const { ann, ben } = await talk();
    await button(ben, "Share screen").click();
    await stage(ben).getByText("You are sharing your screen.").waitFor();
    const screen = tileOf(ann, /^Ben: screen/);
    await screen.locator("video").waitFor();
    await until("pictures of the screen", async () =>
      screen.locator("video").evaluate((video: HTMLVideoElement) => video.videoWidth > 0),
    );
    const [large, small] = await Promise.all([
      screen.boundingBox(),
      tileOf(ann, /^Ann \(you\)/).boundingBox(),
    ]);
    expect(large?.width).toBeGreaterThan(2 * (small?.width ?? 0));
    await keepPicture(ann, "call-screen-light-1280");
    await keepPicture(ben, "call-sharing-dark-1100");
    await stage(ben).getByRole("status").getByRole("button", { name: "Stop sharing" }).click();
    await screen.waitFor({ state: "hidden" });
    expect(await stage(ben).getByText("You are sharing your screen.").count()).toBe(0);
    await seePictures(ann);
  });

  it("[UX35] another camera or microphone is taken without a new connection; one that is unplugged is told", async () => {
    const { ann, ben } = await talk();
    const before = await sent(ben);
    expect(before).toHaveLength(1);
    await chooseMore(ben, "Sound and picture");
    const dialog = ben.getByRole("dialog", { name: "Sound and picture" });
    for (const label of ["Camera", "Microphone"]) {
      const field = dialog.getByLabel(label, { exact: true });
      const values = await field
        .locator("option")
        .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
      const now = await field.inputValue();
      await field.selectOption(values.findLast((value) => value !== now && value !== "default") ?? "");
    }
    await until("both are other ones", async () => {
      const [devices = []] = await sent(ben);
      return [0, 1].every((place) => devices[place] && devices[place] !== before[0]?.[place]);
    });
    await keepPicture(ben, "call-devices-dark-1100");
    await ben.keyboard.press("Escape");
    await seePictures(ann);
    expect(await sent(ben)).toHaveLength(1);

    // What a browser does when the camera is pulled out.
    await ben.evaluate(() => {
      const [, camera] = window.testPeers[0]?.getSenders() ?? [];
      const track = camera?.track;
      track?.stop();
      track?.dispatchEvent(new Event("ended"));
    });
    await ben.getByText("A device or your screen isn’t there any more.").first().waitFor();
    await until(
      "no picture of Ben",
      async () => (await tiles(ann).filter({ hasText: "Ben" }).locator("video").count()) === 0,
    );
    await button(ben, "Turn camera on").click();
    await tiles(ann).filter({ hasText: "Ben" }).locator("video").waitFor();
    expect(await sent(ben)).toHaveLength(1);
  });

  it("[UX34] how good the connection to each person is, is shown beside them, and told in figures on demand", async () => {
    const { ann } = await talk();
    await tileOf(ann, /^Ben.*connection$/).waitFor();
    await chooseMore(ann, "Connection details");
    const figures = ann
      .getByRole("dialog", { name: "Connection details" })
      .getByRole("region", { name: "Ben" });
    const row = (label: string) => figures.locator("div").filter({ hasText: label }).locator("dd");
    await until("a round trip", async () => /\d ms$/.test((await row("Round trip").textContent()) ?? ""));
    expect(await row("Way").textContent()).toBe("direct");
    await until("pictures a second", async () =>
      /^\d+ × \d+, \d+\/s$/.test((await row("Picture").first().textContent()) ?? ""),
    );
    await keepPicture(ann, "call-stats-light-1280");
  });

  it("[UX47] a lobby asks about each who comes, a lock keeps all out, and both are said before one joins", async () => {
    const { ann, link } = await talk();
    await chooseMore(ann, "Ask before letting people in");
    const { page: cleo } = await come(link, "Cleo", { width: 360, height: 740 });
    await cleo.getByText("In a call: Ann and Ben").first().waitFor();
    const asks = async () => {
      await cleo.getByRole("button", { name: "Join the call" }).first().click();
      const dialog = cleo.getByRole("dialog", { name: "Ready to talk?" });
      await dialog.getByLabel("Your camera’s picture").waitFor();
      await dialog.getByRole("button", { name: "Join the call" }).click();
      return dialog;
    };
    await asks();
    await cleo.getByText("Somebody in the call has been asked to let you in.").waitFor();
    await stage(ann).getByText("Cleo would like to come in.").waitFor();
    await keepPicture(ann, "call-lobby-light-1280");
    await keepPicture(cleo, "call-waiting-light-360");
    await button(ann, "Don’t let in").click();
    await cleo.getByText("You were not let into the call.").first().waitFor();
    await asks();
    await button(ann, /^Let in$/).click();
    await seePictures(cleo);
    await button(cleo, "Leave the call").click();
    await until("two tiles", async () => (await tiles(ann).count()) === 2);

    await chooseMore(ann, "Let people in right away");
    await chooseMore(ann, "Lock the call");
    await cleo.getByText("This call is locked.").waitFor();
    const dialog = await asks();
    await dialog.getByText("This call is locked. Ask somebody in it to let you in.").waitFor();
    await keepPicture(cleo, "call-locked-light-360");
  });

  it("[UX38] the main picture goes into a window of its own, where the browser has such windows", async () => {
    const { ann } = await talk();
    await chooseMore(ann, "Small window on top");
    await until("the window", () => ann.evaluate(() => document.pictureInPictureElement !== null));
    await seePictures(ann);
    await ann.evaluate(() => document.exitPictureInPicture());
  });

  it("[UX38] a call ends with who is in it: signing in as another one and logging out leave no ghost", async () => {
    const { ann, ben, link } = await talk();
    const isFree = (page: Page) =>
      page.evaluate(() => window.testPeers.every(({ connectionState }) => connectionState === "closed"));
    // The way back from a room may lead to the sign-in: it belongs to nobody.
    await ben.evaluate(() => history.pushState(null, "", "/login"));
    await ben.getByRole("heading", { name: "Welcome back" }).waitFor();
    await until("one tile", async () => (await tiles(ann).count()) === 1);
    expect(await isFree(ben)).toBe(true);
    await ben.goBack();
    await ben.getByText("In a call: Ann").first().waitFor();

    const { page: dora } = await come(parlor.url, "Dora");
    await signUp(dora, parlor.url, "Dora Long", "correct horse");
    await dora.waitForURL((url) => url.pathname !== "/signup");
    await dora.goto(link);
    await joinCall(dora);
    await seePictures(ann);
    await dora
      .getByRole("link", { name: /^Settings/ })
      .first()
      .click();
    await dora.getByRole("button", { name: "Log out" }).click();
    await dora.getByLabel("Your name").waitFor();
    await until("one tile again", async () => (await tiles(ann).count()) === 1);
    expect(await isFree(dora)).toBe(true);
  });
});
