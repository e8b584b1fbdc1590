import { fileURLToPath } from "node:url";
import type { CallAction, CallMedia } from "@parlor/protocol";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { BROWSER_FLAGS, EXECUTABLE } from "./browser.js";
import type { Parlor } from "./parlor.js";

/** Longest wait for media on a machine that does other things too. */
const PATIENCE = 45_000;

/** What a test sees of one other person. */
export interface SeenPerson {
  readonly userId: string;
  readonly legId: string;
  readonly status: string;
  readonly media: CallMedia;
  readonly isAway: boolean;
  readonly isSpeaking: boolean;
  readonly hasStreams: { voice: boolean; camera: boolean; screen: boolean };
  /** Pictures decoded since the connection began, of camera and screen. */
  readonly camera: number;
  readonly screen: number;
  /** What the voice brought: it grows only while somebody is heard. */
  readonly voicePackets: number;
  readonly relayed: boolean | null;
  /** Lines of the camera's pictures as they come. */
  readonly cameraHeight: number;
  readonly iceUfrag: string | null;
}

/** What a test sees of a call. */
export interface SeenCall {
  readonly status: string;
  readonly mode: string;
  /** How many peer connections are connected. */
  readonly connections: number;
  readonly roomStatus: string;
  readonly legId: string;
  readonly media: CallMedia;
  readonly isMuted: boolean;
  readonly isSpeaking: boolean;
  readonly ending: string | null;
  readonly notice: string | null;
  /** The user who records it. */
  readonly recordedBy: string | null;
  readonly people: SeenPerson[];
}

/** How somebody comes into a call. */
export interface JoinAs {
  readonly camera?: boolean;
  readonly microphone?: boolean;
  /** A camera of 360 lines instead of 180. */
  readonly isLarger?: boolean;
  /** Only over TURN. */
  readonly relayOnly?: boolean;
  /** Servers in place of those that Parlor tells. */
  readonly iceServers?: RTCIceServer[];
}

/** One person in a tab of their own, with the SDK and no screens. */
export interface Caller {
  readonly page: Page;
  readonly userId: string;
  look(): Promise<SeenCall>;
  join(how?: JoinAs): Promise<void>;
  /** Runs a verb of the call. */
  act(
    verb: "leave" | "mute" | "unmute" | "camera-on" | "camera-off" | "share" | "unshare" | "reconnect",
  ): Promise<void>;
  moderate(action: CallAction, legId?: string): Promise<void>;
  /** Tells the SDK how tall somebody's camera is shown. */
  setView(legId: string, height: number): Promise<void>;
  /** Waits until what is seen fits; tells the last look otherwise. */
  until(what: string, fits: (call: SeenCall) => boolean): Promise<SeenCall>;
}

/** Starts a browser with cameras and microphones that are made up, so many of each. */
export async function launchCallBrowser(devices = 1): Promise<Browser> {
  return await chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      ...BROWSER_FLAGS,
      `--use-fake-device-for-media-stream=device-count=${devices}`,
      "--use-fake-ui-for-media-stream",
      "--allow-loopback-in-peer-connection",
    ],
  });
}

let script: Promise<string> | null = null;

/** The SDK, and what the tests need beside it, as one script. */
function pageScript(): Promise<string> {
  script ??= build({
    entryPoints: [fileURLToPath(new URL("./call-page-script.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    write: false,
    conditions: ["source"],
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return script;
}

/** Opens a tab as a new guest in a room. The page lies on the server's own address, so its cookies count. */
export async function openCaller(
  browser: Browser | BrowserContext,
  parlor: Pick<Parlor, "url">,
  roomId: string,
  name: string,
): Promise<Caller> {
  const context = "newContext" in browser ? await browser.newContext() : browser;
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  // A page of the server itself, that brings no script of its own.
  await page.addInitScript({ content: await pageScript() });
  await page.goto(`${parlor.url}/health`);
  const userId = await page.evaluate(
    ([room, username]) => window.callPage.enter(room ?? "", username ?? ""),
    [roomId, name],
  );
  const look = () => page.evaluate(() => window.callPage.look());
  return {
    page,
    userId,
    look,
    join: (how = {}) => page.evaluate((given) => window.callPage.join(given), how),
    act: (verb) => page.evaluate((given) => window.callPage.act(given), verb),
    moderate: (action, legId) =>
      page.evaluate(([given, leg]) => window.callPage.moderate(given as CallAction, leg), [
        action,
        legId,
      ] as const),
    setView: (legId, height) =>
      page.evaluate(([leg, tall]) => window.callPage.setView(leg, tall), [legId, height] as const),
    async until(what, fits) {
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        const seen = await look();
        if (fits(seen)) return seen;
        if (Date.now() > deadline) throw new Error(`${name}, in vain: ${what}; ${JSON.stringify(seen)}`);
        await page.waitForTimeout(50);
      }
    },
  };
}

/** Waits until pictures of somebody go on coming: at least `count` more than now. */
export async function seeFrames(
  caller: Caller,
  of: Caller,
  count = 10,
  kind: "camera" | "screen" = "camera",
): Promise<void> {
  const framesOf = (call: SeenCall) => call.people.find(({ userId }) => userId === of.userId)?.[kind] ?? 0;
  const before = framesOf(await caller.look());
  await caller.until(`${count} pictures of the ${kind}`, (call) => {
    const now = framesOf(call);
    // A new connection counts anew.
    return now < before ? now >= count : now >= before + count;
  });
}

/** Looks at somebody as another one sees them. */
export async function seenBy(caller: Caller, of: Caller): Promise<SeenPerson> {
  const person = (await caller.look()).people.find(({ userId }) => userId === of.userId);
  if (!person) throw new Error("there is nobody to see");
  return person;
}
