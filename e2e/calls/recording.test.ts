import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  hasJanus,
  startJanus,
  type TestJanus,
  withoutJanus,
} from "../../packages/server/test/support/janus.js";
import { faultsOf, wear } from "../support/axe.js";
import { createRoom, describeWithBrowser, keepPicture } from "../support/browser.js";
import {
  type Caller,
  type JoinAs,
  launchCallBrowser,
  openCaller,
  seeFrames,
  seenBy,
} from "../support/call-page.js";
import { chooseMore, joinCall, openTalker, seePictures, stage } from "../support/call-screens.js";
import { makeRoom, type Parlor, startParlor } from "../support/parlor.js";
import { canRecord, fetchRecording, recordingOf, spread, withoutRecording } from "../support/recording.js";

/** Where the two cameras of a recording are. */
const LEFT = { x: 0, y: 180, width: 640, height: 360 };
const RIGHT = { ...LEFT, x: 640 };
const TOP = { x: 0, y: 0, width: 1280, height: 120 };
/** A part of a picture that differs so much is not empty; sound that is so loud, in decibels, is none of silence. */
const SEEN = 10;
const HEARD = -40;
const canRun = hasJanus && canRecord;
const test = (name: string, body: () => Promise<void>) =>
  it.skipIf(!canRun)(name + withoutJanus + withoutRecording, body);

describeWithBrowser("a call that is recorded, with real media", () => {
  let janus: TestJanus;
  let parlor: Parlor;
  let browser: Browser;
  const open: Caller[] = [];
  beforeAll(async () => {
    if (!canRun) return;
    janus = await startJanus();
    parlor = await startParlor(janus.env);
    browser = await launchCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
    await janus?.close();
  });
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });

  const folder = () => join(parlor.dataDir, "recordings");
  const files = () => (existsSync(folder()) ? readdirSync(folder(), { recursive: true }).map(String) : []);

  async function enter(roomId: string, name: string, how: JoinAs = {}): Promise<Caller> {
    const caller = await openCaller(browser, parlor, roomId, name);
    open.push(caller);
    await caller.join(how);
    return caller;
  }

  /** Two in a call between their browsers, of which the first moderates. */
  async function talk(): Promise<{ ann: Caller; ben: Caller; roomId: string }> {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann");
    const ben = await enter(roomId, "Ben");
    await seeFrames(ann, ben);
    return { ann, ben, roomId };
  }

  /** Has it recorded; answers when both know it and Janus carries it. */
  async function record(by: Caller, ...others: Caller[]): Promise<void> {
    await by.moderate("record");
    for (const caller of [by, ...others])
      await caller.until("it is recorded", ({ mode, recordedBy, connections }) => {
        return mode === "janus" && recordedBy === by.userId && connections === 2;
      });
  }

  test("[CALL26] what two send is one file in the history, with both pictures and the voices", async () => {
    const { ann, ben, roomId } = await talk();
    await record(ann, ben);
    await seeFrames(ann, ben, 60);
    await ann.moderate("stop-recording");
    await ben.until("it is recorded no more", ({ recordedBy }) => recordedBy === null);
    const { recording, attachments, user_id, content } = await recordingOf(parlor, roomId);
    expect(recording).toMatchObject({ outcome: "kept", ended: "stopped" });
    expect({ user_id, content }).toEqual({
      user_id: ann.userId,
      content: "Recording of the call, less than a minute.",
    });
    const [file] = attachments ?? [];
    expect(file).toMatchObject({ kind: "video", type: "video/webm", width: 1280, height: 720 });
    if (!file) throw new Error("there is no file");
    const fetched = await fetchRecording(file);
    expect(fetched.streams.map(({ codec_name }) => codec_name).sort()).toEqual(["opus", "vp8"]);
    expect(Math.abs(fetched.duration * 1_000 - recording.duration_ms)).toBeLessThan(1_000);
    const middle = await fetched.pictureAt(fetched.duration / 2);
    for (const place of [LEFT, RIGHT]) expect(spread(middle, place)).toBeGreaterThan(SEEN);
    expect(await fetched.loudest(1, fetched.duration)).toBeGreaterThan(HEARD);
    await fetched.remove();
    // What Janus wrote is gone.
    expect(files()).toEqual([]);
  });

  test("[CALL28] sound and pictures keep their time: what was off is missing where it was off", async () => {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann", { isLarger: true });
    const ben = await enter(roomId, "Ben", { microphone: false });
    await seeFrames(ben, ann);
    await record(ann, ben);
    const moments = new Map<string, number>();
    const stage = async (name: string) => {
      const from = Date.now();
      await seeFrames(ann, ben, 40);
      moments.set(name, (from + Date.now()) / 2);
    };
    await stage("before");
    await ann.act("mute");
    await ann.act("camera-off");
    await stage("off");
    await ann.act("unmute");
    await ann.act("camera-on");
    await stage("on");
    await ben.act("share");
    await seeFrames(ann, ben, 5, "screen");
    await stage("shared");
    await ben.act("unshare");
    await stage("after");
    // The end of the call is the end of its recording.
    await ann.moderate("end");
    const { recording, attachments } = await recordingOf(parlor, roomId);
    expect(recording).toMatchObject({ outcome: "kept", ended: "stopped" });
    const [file] = attachments ?? [];
    if (!file) throw new Error("there is no file");
    const fetched = await fetchRecording(file);
    const look = async (name: string) => {
      const second = ((moments.get(name) ?? 0) - Date.parse(recording.started_at)) / 1_000;
      const picture = await fetched.pictureAt(second);
      const [left, right, top] = [LEFT, RIGHT, TOP].map((place) => spread(picture, place) > SEEN);
      return { left, right, top, isHeard: (await fetched.loudest(second - 0.9, second + 0.9)) > HEARD };
    };
    expect(await look("before")).toEqual({ left: true, right: true, top: false, isHeard: true });
    expect(await look("off")).toEqual({ left: false, right: true, top: false, isHeard: false });
    expect((await look("on")).isHeard).toBe(true);
    // A screen is over everything.
    expect(await look("shared")).toMatchObject({ top: true, isHeard: true });
    expect(await look("after")).toEqual({ left: true, right: true, top: false, isHeard: true });
    await fetched.remove();
  });

  /** Bytes that Janus has written of a leg, by its number, or of one line of it. */
  function written(leg: number, line = ""): number {
    const own = new RegExp(`/sent-${leg}-\\d+-${line}`);
    const sizes = files().map((name) => (own.test(name) ? statSync(join(folder(), name)).size : 0));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  test("[CALL27] who comes is told before they join; who is removed is recorded no more", async () => {
    const { ann, ben, roomId } = await talk();
    await record(ann, ben);
    const carl = await openCaller(browser, parlor, roomId, "Carl");
    open.push(carl);
    // A client that does not know of recordings answers nothing.
    await carl.page.evaluate(() => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (this: WebSocket, data) {
        if (document.title === "told" || !String(data).includes('"call-told"')) send.call(this, data);
      };
    });
    await carl.until(
      "Carl knows",
      ({ status, recordedBy }) => status === "idle" && recordedBy === ann.userId,
    );
    await carl.join();
    await carl.until(
      "Carl is in",
      ({ status, recordedBy }) => status === "live" && recordedBy === ann.userId,
    );
    await seeFrames(ann, carl);
    await seeFrames(ann, carl, 20);
    expect(written(3)).toBe(0);
    const recording = readdirSync(folder())[0] ?? "";
    await carl.page.evaluate((id) => {
      document.title = "told";
      window.callPage.send([{ type: "call-told", recording: id }]);
    }, recording);
    await ann.until("Carl is written", () => written(3) > 20_000);
    await ann.moderate("remove", (await carl.look()).legId);
    await carl.until("Carl is out", ({ status }) => status === "ended");
    const [then, others] = [written(3), written(1)];
    await ann.until("the others are written", () => written(1) > others + 100_000);
    expect(written(3)).toBe(then);
    await ann.moderate("end");
    expect((await recordingOf(parlor, roomId)).recording.outcome).toBe("kept");
  });

  test("[CALL27] what a moderator takes away is recorded no more, whatever the client does", async () => {
    const { ann, ben } = await talk();
    await record(ann, ben);
    await ann.until("Ben is heard", () => written(2, "audio-0") > 10_000);
    const { legId } = await seenBy(ann, ben);
    // Ben hears nothing of the moderator's word, and goes on sending.
    const deaf = ben.page.evaluate(() => {
      const end = performance.now() + 6_000;
      while (performance.now() < end);
    });
    await ann.moderate("mute", legId);
    await ann.until("Ben is muted", ({ people }) => people.some(({ media }) => !media.audio));
    const before = { voice: written(2, "audio-0"), others: written(1, "audio-0") };
    await ann.until("Ann is written", () => written(1, "audio-0") > before.others + 12_000);
    // What was on its way when it was dropped is one block of the file.
    expect(written(2, "audio-0") - before.voice).toBeLessThanOrEqual(4_096);
    await deaf;
  });

  test("[CALL29] a recording ends with the server that was killed, and is made ready by the next one", async () => {
    const { ann, ben, roomId } = await talk();
    await record(ann, ben);
    await seeFrames(ann, ben, 30);
    await parlor.kill();
    onTestFinished(() => parlor.start());
    await parlor.start();
    const first = await recordingOf(parlor, roomId);
    expect(first.recording).toMatchObject({ outcome: "kept", ended: "restart" });
    expect(first.attachments?.[0]?.duration_ms).toBeGreaterThan(2_000);
    for (const caller of [ann, ben])
      await caller.until("the call goes on, not recorded", ({ status, people, recordedBy }) => {
        return status === "live" && people.length === 1 && recordedBy === null;
      });
    // Once more, and the server is killed while it makes the file.
    await seeFrames(ann, ben);
    await record(ann, ben);
    await seeFrames(ann, ben, 30);
    await ann.moderate("stop-recording");
    await ben.until("it is recorded no more", ({ recordedBy }) => recordedBy === null);
    await parlor.kill();
    await parlor.start();
    const second = await recordingOf(parlor, roomId, { after: first.recording.id });
    expect(second.recording.outcome).toBe("kept");
    expect(files()).toEqual([]);
  });

  test("[CALL29] a Janus that is lost and comes back writes on", async () => {
    const { ann, ben, roomId } = await talk();
    await record(ann, ben);
    await seeFrames(ann, ben, 20);
    await janus.kill();
    await ann.until("the way is lost", ({ people }) => people[0]?.status !== "connected");
    await janus.start();
    await seeFrames(ann, ben, 30);
    expect((await ben.look()).recordedBy).toBe(ann.userId);
    await ann.moderate("stop-recording");
    const { recording, attachments } = await recordingOf(parlor, roomId);
    expect(recording).toMatchObject({ outcome: "kept", ended: "stopped" });
    const [file] = attachments ?? [];
    if (!file) throw new Error("there is no file");
    const fetched = await fetchRecording(file);
    for (const second of [1.5, fetched.duration - 1])
      for (const place of [LEFT, RIGHT])
        expect(spread(await fetched.pictureAt(second), place)).toBeGreaterThan(SEEN);
    await fetched.remove();
  });

  test("[UX52] [A11Y1] in the web client a moderator begins it in two steps, all see who does, and the history plays it", async () => {
    const ann = await openTalker(browser, parlor.url, "Ann");
    const link = await createRoom(ann.page, "Salon");
    const ben = await openTalker(browser, link, "Ben");
    onTestFinished(async () => {
      for (const { context } of [ann, ben]) await context.close();
    });
    await joinCall(ann.page);
    await chooseMore(ann.page, "Record the call");
    const dialog = ann.page.getByRole("dialog", { name: "Record this call?" });
    await keepPicture(ann.page, "call-record-dialog");
    await findNoFaults(ann.page);
    await dialog.getByRole("button", { name: "Record the call" }).click();
    const mark = "Ann records this call.";
    await stage(ann.page).getByRole("status").getByText(mark).waitFor();
    // Before Ben joins, and while he gets ready.
    await ben.page.getByRole("status").getByText(mark).first().waitFor();
    await ben.page.getByRole("button", { name: "Join the call" }).first().click();
    await ben.page.getByRole("dialog", { name: "Ready to talk?" }).getByText(mark).waitFor();
    await keepPicture(ben.page, "call-recorded-before-joining");
    await ben.page.keyboard.press("Escape");
    await joinCall(ben.page);
    await stage(ben.page).getByRole("status").getByText(mark).waitFor();
    await seePictures(ben.page, 30);
    await keepPicture(ben.page, "call-recorded");
    await findNoFaults(ben.page);
    // Who does not moderate is not asked.
    await ben.page.getByRole("button", { name: "More", exact: true }).last().click();
    await ben.page.getByRole("menuitem", { name: "Connection details" }).waitFor();
    expect(await ben.page.getByRole("menuitem", { name: "Stop recording" }).count()).toBe(0);
    await ben.page.keyboard.press("Escape");
    await chooseMore(ann.page, "Stop recording");
    await stage(ben.page).getByText(mark).waitFor({ state: "detached" });
    await ben.page.getByRole("button", { name: "Leave the call" }).click();
    await ben.page.getByText("Recording of the call", { exact: true }).waitFor();
    const video = ben.page.locator("video");
    await video.waitFor();
    await video.evaluate((element: HTMLVideoElement) => {
      element.muted = true;
      return element.play();
    });
    await ben.page.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 0.5);
    await keepPicture(ben.page, "call-recording-in-history");
    await findNoFaults(ben.page);
  });

  /** axe finds nothing, in both themes. */
  async function findNoFaults(page: Page): Promise<void> {
    for (const theme of ["light", "dark"] as const) {
      await wear(page, theme);
      expect(await faultsOf(page), theme).toEqual([]);
    }
  }
});
