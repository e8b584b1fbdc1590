import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  keepPicture,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";
import { drawPicture, type TestFile } from "./support/picture.js";

async function attach(page: Page, files: TestFile[]): Promise<void> {
  await page.locator('main input[type="file"]').setInputFiles(files);
}

/** A second of silence. */
function writeWav(name: string): TestFile {
  const samples = 8_000;
  const buffer = Buffer.alloc(44 + samples);
  buffer.write("RIFF", 0);
  buffer.writeUInt32LE(36 + samples, 4);
  buffer.write("WAVEfmt ", 8);
  buffer.writeUInt32LE(16, 16);
  buffer.writeUInt16LE(1, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(samples, 24);
  buffer.writeUInt32LE(samples, 28);
  buffer.writeUInt16LE(1, 32);
  buffer.writeUInt16LE(8, 34);
  buffer.write("data", 36);
  buffer.writeUInt32LE(samples, 40);
  buffer.fill(128, 44);
  return { name, mimeType: "audio/wav", buffer };
}

/** A short film of a canvas. */
async function shootFilm(page: Page, name: string): Promise<TestFile> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const ended = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    for (let frame = 0; frame < 20; frame++) {
      await new Promise(requestAnimationFrame);
      if (context) context.fillStyle = `hsl(${frame * 18} 60% 50%)`;
      context?.fillRect(0, 0, 320, 180);
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
  return { name, mimeType: "video/webm", buffer: Buffer.from(base64, "base64") };
}

/** Gives files to the page as a drag or a paste does. */
async function give(page: Page, how: "dragover" | "drop" | "paste", file: TestFile): Promise<void> {
  await page.evaluate(
    ([event, name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type }));
      const options = { bubbles: true, cancelable: true };
      document.activeElement?.dispatchEvent(
        event === "paste"
          ? new ClipboardEvent(event, { ...options, clipboardData: data })
          : new DragEvent(event, { ...options, dataTransfer: data }),
      );
    },
    [how, file.name, file.mimeType, file.buffer.toString("base64")] as const,
  );
}

/** Waits on a busy machine too. */
const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 20_000 });

const tray = (page: Page) => page.getByRole("region", { name: "Attached files" });
const pictureOf = (page: Page, name: string) =>
  page.getByRole("log").getByRole("button", { name: `View ${name}` });

async function seePicture(page: Page, name: string): Promise<void> {
  const image = pictureOf(page, name).locator("img");
  await image.waitFor();
  await eventually(() =>
    image.evaluate((element: HTMLImageElement) => element.complete && element.naturalWidth),
  ).toBeGreaterThan(0);
}

describeWithBrowser("files", () => {
  let parlor: Parlor;
  let browser: Browser;
  beforeAll(async () => {
    parlor = await startParlor({ MAX_UPLOAD_MB: "8" });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });

  it("[UX17] [UX20] a picture is attached, sent with a text and seen by others; what is too large is refused before", async () => {
    const alice = await openVisitor(browser, { width: 1440, height: 900 });
    const bob = await openVisitor(browser, { width: 360, height: 740, dark: true });
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Garden");
    await enterAsGuest(bob.page, link, "Bob");
    let begun = 0;
    await alice.context.route(/\/uploads$/, async (route) => {
      begun += 1;
      await route.continue();
    });
    const button = alice.page.getByRole("button", { name: "Attach files" });
    await eventually(() => button.getAttribute("aria-description")).toBe(
      "At most 8 MB each, 10 files a message.",
    );
    await attach(alice.page, [
      { name: "film.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(9_000_000) },
    ]);
    await alice.page.getByText("film.bin is 8.6 MB; this server takes at most 8").waitFor();
    expect(begun).toBe(0);

    await attach(alice.page, [await drawPicture(alice.page, "sunset.png")]);
    await tray(alice.page).getByText("At most").waitFor();
    await keepPicture(alice.page, "files-tray-light-1440");
    await say(alice.page, "From the garden");
    await seePicture(bob.page, "sunset.png");
    await seeMessage(bob.page, "From the garden");
    await tray(alice.page).waitFor({ state: "detached" });
    await keepPicture(bob.page, "files-picture-dark-360");

    const names = ["one.png", "two.png", "three.jpg", "notes.txt"];
    const drawn = [
      await drawPicture(alice.page, "one.png", { width: 300, height: 500 }),
      await drawPicture(alice.page, "two.png", { width: 900, height: 300 }),
      await drawPicture(alice.page, "three.jpg", { type: "image/jpeg" }),
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("remember the milk") },
    ];
    await attach(alice.page, drawn);
    await eventually(() => tray(alice.page).getByRole("listitem").count()).toBe(names.length);
    await alice.page.getByRole("button", { name: "Send message" }).click();
    for (const name of names.slice(0, 3)) await seePicture(bob.page, name);
    await bob.page.getByRole("link", { name: "Download notes.txt, 17 bytes" }).waitFor();
    await keepPicture(bob.page, "files-grid-dark-360");
    await keepPicture(alice.page, "files-grid-light-1440");
    const overflow = await bob.page.getByRole("log").evaluate((log) => log.scrollWidth - log.clientWidth);
    expect(overflow).toBe(0);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX7] the space of a picture is reserved: no line moves when it loads; a broken one is calm and loads again", async () => {
    const alice = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Carol");
    const link = await createRoom(alice.page, "Album");
    await attach(alice.page, [await drawPicture(alice.page, "wide.png", { width: 1600, height: 900 })]);
    await say(alice.page, "before");
    await seePicture(alice.page, "wide.png");
    await say(alice.page, "after");
    await seeMessage(alice.page, "after");

    const bob = await openVisitor(browser);
    let open = () => {};
    let broken = false;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await bob.context.route(/\/files\//, async (route) => {
      await gate;
      if (broken) await route.abort();
      else await route.continue();
    });
    await enterAsGuest(bob.page, link, "Dora");
    await seeMessage(bob.page, "after");
    const frame = pictureOf(bob.page, "wide.png");
    await frame.locator("canvas").waitFor();
    const places = () =>
      bob.page
        .locator("[data-row]")
        .evaluateAll((rows) => rows.map((row) => [row.getBoundingClientRect().top, row.clientHeight]));
    const before = await places();
    const box = await frame.boundingBox();
    expect(box?.height).toBeCloseTo(216, 0);
    const painted = await frame
      .locator("canvas")
      .evaluate((canvas: HTMLCanvasElement) => canvas.getContext("2d")?.getImageData(0, 0, 1, 1).data[3]);
    expect(painted).toBe(255);
    await keepPicture(bob.page, "files-placeholder-light-1280");
    open();
    await seePicture(bob.page, "wide.png");
    expect(await places()).toEqual(before);

    broken = true;
    await bob.page.goto("about:blank");
    await bob.page.goto(link);
    const retry = bob.page.getByRole("button", { name: /wide\.png.*Couldn’t be loaded/ });
    await retry.waitFor();
    expect(await places()).toEqual(before);
    broken = false;
    await retry.click();
    await seePicture(bob.page, "wide.png");
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX17] paste and drop attach; a running upload is cancelled; a cut in the middle resumes; Enter waits", async () => {
    const { context, page } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Erin");
    await createRoom(page, "Workshop");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    const small = await drawPicture(page, "small.png");
    await composer.focus();
    await give(page, "paste", { ...small, name: "pasted.png" });
    await tray(page).getByText("ed.png").waitFor();
    await give(page, "dragover", small);
    await page.getByText("Drop to attach").waitFor();
    await keepPicture(page, "files-drop-light-1280");
    await give(page, "drop", { ...small, name: "dropped.png" });
    await page.getByText("Drop to attach").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Remove pasted.png" }).click();
    await page.getByRole("button", { name: "Remove dropped.png" }).click();
    await tray(page).waitFor({ state: "detached" });

    const large = await drawPicture(page, "large.png", { width: 1200, height: 900, noise: true });
    expect(large.buffer.length).toBeGreaterThan(1_000_000);
    let letGo = () => {};
    let gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let chunks = 0;
    const offsets: number[] = [];
    await context.route(/\/uploads\/[0-9a-f]{32}/, async (route) => {
      if (route.request().method() !== "PATCH") return await route.continue();
      offsets.push(Number(route.request().headers()["upload-offset"]));
      chunks += 1;
      if (chunks === 2) await gate;
      if (chunks === 3) return await route.abort();
      await route.continue().catch(() => {});
    });
    await attach(page, [large]);
    await eventually(() => chunks).toBe(2);
    expect(await page.getByRole("progressbar").getAttribute("aria-valuenow")).not.toBe("0");
    const gone = page.waitForRequest((request) => request.method() === "DELETE");
    await page.getByRole("button", { name: "Cancel the upload of large.png" }).click();
    await gone;
    await tray(page).waitFor({ state: "detached" });
    letGo();

    chunks = 0;
    offsets.length = 0;
    gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await attach(page, [large]);
    await eventually(() => chunks).toBe(2);
    await composer.fill("with patience");
    await composer.press("Enter");
    await tray(page).getByText("it goes out as soon as").waitFor();
    await keepPicture(page, "files-held-light-1280");
    const dialogs: string[] = [];
    page.on("dialog", async (dialog) => {
      dialogs.push(dialog.type());
      await dialog.dismiss();
    });
    await page.evaluate(() => location.reload()).catch(() => {});
    await eventually(() => dialogs).toEqual(["beforeunload"]);
    letGo();
    await seePicture(page, "large.png");
    await seeMessage(page, "with patience");
    // It went on behind what the server had; the first bytes went once.
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(1);
    expect(chunks).toBeGreaterThanOrEqual(4);
    expect(await composer.inputValue()).toBe("");
    await context.close();
  });

  it("[UX17] what is uploaded and not sent outlives a reload, and an upload goes on in another room", async () => {
    const { context, page } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Finn");
    const link = await createRoom(page, "Desk");
    await attach(page, [await drawPicture(page, "kept.png")]);
    await page.getByRole("button", { name: "Remove kept.png" }).waitFor();
    await page.reload();
    await tray(page).getByText("pt.png").waitFor();
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await context.route(/\/uploads\/[0-9a-f]{32}/, async (route) => {
      await gate;
      await route.continue();
    });
    await attach(page, [await drawPicture(page, "late.png")]);
    await page.getByRole("progressbar", { name: "Uploading late.png" }).waitFor();
    await tray(page).getByText("Uploads go on while you visit other rooms").waitFor();
    await createRoom(page, "Elsewhere");
    await tray(page).waitFor({ state: "detached" });
    const finished = page.waitForResponse((response) => response.request().method() === "PATCH");
    letGo();
    await finished;
    await page.getByRole("link", { name: /Desk/ }).first().click();
    await page.waitForURL(link);
    for (const name of ["kept.png", "late.png"])
      await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    for (const name of ["kept.png", "late.png"]) await seePicture(page, name);
    await context.close();
  });

  it("[UX17] a refusal says why, stands in the way of the message and is tried again; a failed message gives its files back", async () => {
    const { context, page } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Noor");
    await createRoom(page, "Store");
    await context.routeWebSocket(/\/ws\//, (socket) => socket.close());
    await page.reload();
    await context.route(/\/uploads$/, async (route) => {
      await route.fulfill({ status: 507, json: { code: "storage_full", detail: "full", retry: false } });
    });
    await attach(page, [await drawPicture(page, "refused.png")]);
    await tray(page).getByText("The server has no room for more files").waitFor();
    await say(page, "with a picture");
    await page.getByText("A file wasn’t uploaded. Try it again or remove it, then send.").waitFor();
    await context.unroute(/\/uploads$/);
    await context.route(/\/messages$/, async (route) => {
      if (route.request().method() !== "POST") return await route.continue();
      await route.fulfill({ status: 400, json: { code: "attachment_invalid", detail: "no", retry: false } });
    });
    await page.getByRole("button", { name: "Upload refused.png again" }).click();
    await page.getByRole("button", { name: "Remove refused.png" }).waitFor();
    await page.getByRole("button", { name: "Send message" }).click();
    await page.getByRole("log").getByText("Attach it again").waitFor();
    await seePicture(page, "refused.png");
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Remove refused.png" }).waitFor();
    await context.unroute(/\/messages$/);
    await page.getByRole("button", { name: "Send message" }).click();
    await tray(page).waitFor({ state: "detached" });
    await seePicture(page, "refused.png");
    await seeMessage(page, "with a picture");
    expect(await page.getByRole("log").getByText("Not sent.").count()).toBe(0);
    await context.close();
  });

  it("[UX7] a film has its space before it loads, a song its controls; what cannot be played can be saved", async () => {
    const { context, page } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Max");
    await createRoom(page, "Cinema");
    await attach(page, [await shootFilm(page, "film.webm"), writeWav("song.wav")]);
    await eventually(() => page.getByRole("button", { name: /^Remove / }).count()).toBe(2);
    await page.getByRole("button", { name: "Send message" }).click();
    const log = page.getByRole("log");
    const film = log.locator("video");
    await film.waitFor();
    // The line that waited for the server gives way to the stored one meanwhile.
    await eventually(async () => {
      const box = await film.boundingBox();
      return [box?.width, box?.height];
    }).toEqual([320, 180]);
    await eventually(() => film.evaluate((video: HTMLVideoElement) => video.readyState)).toBeGreaterThan(0);
    await log.getByText("0:01").waitFor();
    const song = log.locator("audio");
    await eventually(() => song.evaluate((audio: HTMLAudioElement) => audio.duration)).toBe(1);
    await keepPicture(page, "files-media-light-1280");

    await context.route(/\/files\/.*song\.wav/, (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await log.getByText("This browser can’t play it").waitFor();
    await log.getByRole("link", { name: /^Download song\.wav/ }).waitFor();
    await context.close();
  });

  it("[UX17] on a narrow page in the other direction nothing is cut off, by day and by lamplight", async () => {
    const { context, page } = await openVisitor(browser, { width: 360, height: 740 });
    await enterAsGuest(page, parlor.url, "Lea");
    await createRoom(page, "Mirror");
    await page.evaluate(() => {
      document.documentElement.dir = "rtl";
    });
    await attach(page, [
      await drawPicture(page, "a long name that does not fit on a phone.png"),
      { name: "أغنية.zip", mimeType: "application/zip", buffer: Buffer.from("no zip") },
    ]);
    await eventually(() => page.getByRole("button", { name: /^Remove / }).count()).toBe(2);
    await keepPicture(page, "files-tray-rtl-light-360");
    await page.getByRole("button", { name: "Send message" }).click();
    await seePicture(page, "a long name that does not fit on a phone.png");
    const log = page.getByRole("log");
    expect(await log.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await page.evaluate(() => {
      document.documentElement.dataset.theme = "dark";
    });
    await keepPicture(page, "files-sent-rtl-dark-360");
    await context.close();
  });

  it("[UX7] the viewer opens, zooms, goes on, and gives the focus back", async () => {
    const { context, page } = await openVisitor(browser, { width: 360, height: 740, dark: true });
    await enterAsGuest(page, parlor.url, "Gina");
    await createRoom(page, "Wall");
    await attach(page, [
      await drawPicture(page, "first.png"),
      await drawPicture(page, "second.png", { width: 400, height: 700 }),
    ]);
    await eventually(() => page.getByRole("button", { name: /^Remove / }).count()).toBe(2);
    await page.getByRole("button", { name: "Send message" }).click();
    await seePicture(page, "first.png");
    await pictureOf(page, "first.png").click();
    const viewer = page.getByRole("dialog", { name: "Picture viewer" });
    await viewer.getByRole("img", { name: "first.png" }).waitFor();
    await page.keyboard.press("+");
    await viewer.getByText("140%").waitFor();
    await page.keyboard.press("0");
    await viewer.getByText("100%").waitFor();
    await page.keyboard.press("ArrowRight");
    await viewer.getByRole("img", { name: "second.png" }).waitFor();
    await viewer.getByText("2 of 2").waitFor();
    await keepPicture(page, "files-viewer-dark-360");
    const saved = page.waitForEvent("download");
    await viewer.getByRole("link", { name: /Download second\.png/ }).click();
    expect((await saved).suggestedFilename()).toBe("second.png");
    await page.keyboard.press("Tab");
    expect(await viewer.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
    await page.keyboard.press("Escape");
    await viewer.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "View first.png",
    );
    await context.close();
  });

  it("[UX17] a voice message is recorded, heard before, sent with its shape, and played by others", async () => {
    const alice = await openVisitor(browser, { width: 360, height: 740 });
    const bob = await openVisitor(browser, { width: 1440, height: 900, dark: true });
    const { page } = alice;
    await enterAsGuest(page, parlor.url, "Hana");
    const link = await createRoom(page, "Choir");
    await enterAsGuest(bob.page, link, "Ivan");
    await alice.context.grantPermissions(["microphone"]);
    const record = page.getByRole("button", { name: "Record a voice message" });
    const recorder = page.getByRole("region", { name: "Voice message" });

    await record.click();
    await recorder.getByText("0:01").waitFor();
    await recorder.getByText("Up to 10 minutes").waitFor();
    await page.keyboard.press("Escape");
    await recorder.waitFor({ state: "detached" });
    expect(await record.evaluate((button) => button === document.activeElement)).toBe(true);

    await page.keyboard.press("Enter");
    await recorder.getByText("0:02").waitFor();
    await keepPicture(page, "files-recording-light-360");
    await recorder.getByRole("button", { name: "Stop recording" }).click();
    await recorder.getByRole("button", { name: "Play" }).waitFor();
    await keepPicture(page, "files-voice-preview-light-360");
    await recorder.getByRole("button", { name: "Send voice message" }).click();

    const voice = bob.page.getByRole("log").getByRole("group", { name: "Voice message" });
    await voice.waitFor();
    const heights = await voice
      .locator("rect")
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("height"))));
    expect(heights.length).toBeGreaterThan(10);
    expect(Math.max(...heights)).toBeGreaterThan(Math.min(...heights));
    await voice.getByRole("button", { name: "Play" }).click();
    const position = voice.getByRole("slider", { name: "Position" });
    await eventually(() => position.getAttribute("aria-valuetext")).toMatch(/^0:01 of 0:0[2-4]$/);
    await keepPicture(bob.page, "files-voice-dark-1440");
    await voice.getByRole("button", { name: "Speed 1×" }).click();
    expect(await voice.locator("audio").evaluate((audio: HTMLAudioElement) => audio.playbackRate)).toBe(1.5);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX17] held, the recording ends when the finger lets go; sliding away discards it; leaving keeps it", async () => {
    const { context, page } = await openVisitor(browser);
    await context.grantPermissions(["microphone"]);
    await enterAsGuest(page, parlor.url, "Jo");
    const link = await createRoom(page, "Booth");
    const record = page.getByRole("button", { name: "Record a voice message" });
    const recorder = page.getByRole("region", { name: "Voice message" });
    const box = await record.boundingBox();
    if (!box) throw new Error("no button");
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];

    await page.mouse.move(x, y);
    await page.mouse.down();
    await recorder.getByText("0:01").waitFor();
    await page.mouse.move(x - 200, y, { steps: 5 });
    await recorder.waitFor({ state: "detached" });
    await page.mouse.up();

    await page.mouse.move(x, y);
    await page.mouse.down();
    await recorder.getByText("0:01").waitFor();
    await page.mouse.up();
    await recorder.getByRole("button", { name: "Send voice message" }).waitFor();
    await page.keyboard.press("Escape");
    await recorder.waitFor({ state: "detached" });

    await record.click();
    await recorder.getByText("0:01").waitFor();
    await page.getByRole("link", { name: "Parlor" }).first().click();
    await page.goBack();
    await page.waitForURL(link);
    await tray(page).getByText("Voice message").waitFor();
    await context.close();
  });

  it("[UX17] without a microphone's leave the person reads what to do", async () => {
    const { context, page } = await openVisitor(browser);
    await context.clearPermissions();
    await enterAsGuest(page, parlor.url, "Kim");
    await createRoom(page, "Quiet room");
    await page.getByRole("button", { name: "Record a voice message" }).click();
    await page.getByRole("alert").getByText("Allow it in the browser’s settings").waitFor();
    await keepPicture(page, "files-refused-light-1280");
    await page.keyboard.press("Escape");
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("then in writing");
    await context.close();
  });
});
