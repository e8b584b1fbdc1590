import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";
import { endProcess, startProcess } from "../peers/process.js";

const LISTENING_WITHIN_MS = 20_000;

type Params = Readonly<Record<string, unknown>>;

/** A page of a browser that nothing else drives: no script of a test tool runs in it. */
export interface BarePage {
  /** Calls a method of the DevTools protocol for the page. */
  send(method: string, params?: Params): Promise<Params>;
  /** Waits for an event of the page that `take` accepts. */
  next<T>(method: string, take: (params: Params) => T | null, withinMs: number): Promise<T>;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

/** Runs `use` with an empty page in a context of its own, in a fresh Chromium; all of it is gone afterwards. */
export async function withBarePage<T>(
  executable: string,
  args: readonly string[],
  cookies: readonly object[],
  use: (page: BarePage) => Promise<T>,
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "parlor-bench-"));
  const fixed = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run"];
  const { child, complaint } = startProcess([executable, ...fixed, ...args, "about:blank"]);
  try {
    const socket = new WebSocket(await addressOf(complaint), { perMessageDeflate: false });
    try {
      return await use(await openPage(socket, cookies));
    } finally {
      socket.close();
    }
  } finally {
    await endProcess(child, "SIGTERM");
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function addressOf(output: () => string): Promise<string> {
  const end = performance.now() + LISTENING_WITHIN_MS;
  while (performance.now() < end) {
    const address = /listening on (ws:\S+)/.exec(output())?.[1];
    if (address !== undefined) return address;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Chromium does not listen: ${output()}`);
}

async function openPage(socket: WebSocket, cookies: readonly object[]): Promise<BarePage> {
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const waiting = new Map<number, (reply: Reply) => void>();
  const listeners = new Set<(reply: Reply) => void>();
  let last = 0;
  socket.on("message", (data) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.id === undefined) for (const listener of [...listeners]) listener(reply);
    else waiting.get(reply.id)?.(reply);
  });
  const call = async (method: string, params: Params = {}, sessionId?: unknown): Promise<Params> => {
    const id = ++last;
    const { error, result } = await new Promise<Reply>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
    });
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  const { browserContextId } = await call("Target.createBrowserContext");
  await call("Storage.setCookies", { cookies, browserContextId });
  const size = { width: 1280, height: 720 };
  const { targetId } = await call("Target.createTarget", { url: "about:blank", browserContextId, ...size });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  return {
    send: (method, params) => call(method, params, sessionId),
    next: (method, take, withinMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(listener);
          reject(new Error(`no ${method} within ${withinMs} ms`));
        }, withinMs);
        const listener = (reply: Reply) => {
          const taken = reply.method === method ? take(reply.params ?? {}) : null;
          if (taken === null) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(taken);
        };
        listeners.add(listener);
      }),
  };
}
