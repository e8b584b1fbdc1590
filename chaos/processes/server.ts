import { type ChildProcess, spawn } from "node:child_process";

/** Lines of a server's output that are kept for the report of a failure. */
const KEPT_LINES = 400;
/** A server that is not ready after so long will not be. */
const START_PATIENCE = 60_000;

/** What a server process needs, and who is told about it. */
export interface ServerOptions {
  /** The built server. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its port when it is ready, `null` when it has ended. */
  readonly onPort: (port: number | null) => void;
  /** It ended without having been told to. */
  readonly onCrash: (how: string, wasReady: boolean) => void;
}

/** The server as a process that is killed, and started again by itself. */
export class ServerProcess {
  readonly #options: ServerOptions;
  readonly #lines: string[] = [];
  #child: ChildProcess | null = null;
  #isReady = false;
  #expectsEnd = false;
  #downtime = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** The newest lines that it and its predecessors have printed. */
  get output(): readonly string[] {
    return this.#lines;
  }

  start(): void {
    const child = spawn(process.execPath, [this.#options.main], {
      cwd: "/",
      env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", ...this.#options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#expectsEnd = false;
    const patience = setTimeout(() => {
      this.#keep("harness: not ready in time");
      child.kill("SIGKILL");
    }, START_PATIENCE);
    child.stdout.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      this.#keep(text);
      const port = /open http:\S+:(\d+) in a browser/.exec(text)?.[1];
      if (port === undefined || child !== this.#child) return;
      clearTimeout(patience);
      this.#isReady = true;
      this.#options.onPort(Number(port));
    });
    child.stderr.on("data", (chunk: Buffer) => this.#keep(chunk.toString()));
    child.once("close", (code, signal) => {
      clearTimeout(patience);
      this.#ended(String(signal ?? code));
    });
  }

  /** Ends it with a signal, in whatever state it is; it starts again after `downtime` milliseconds. */
  end(signal: "SIGKILL" | "SIGTERM", downtime: number): boolean {
    if (this.#child === null || (this.#expectsEnd && signal === "SIGTERM")) return false;
    this.#expectsEnd = true;
    this.#downtime = downtime;
    return this.#child.kill(signal);
  }

  /** Kills it for good, without waiting. */
  abandon(): void {
    this.#stopping = true;
    this.#child?.kill("SIGKILL");
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    this.#expectsEnd = true;
    child.kill("SIGTERM");
    await ended;
  }

  #ended(how: string): void {
    const wasReady = this.#isReady;
    this.#child = null;
    this.#isReady = false;
    this.#options.onPort(null);
    if (!this.#expectsEnd) {
      this.#downtime = 500;
      this.#options.onCrash(how, wasReady);
    }
    if (this.#stopping) return;
    this.#timer = setTimeout(() => this.start(), this.#downtime);
  }

  #keep(text: string): void {
    this.#lines.push(...text.split("\n").filter((line) => line !== ""));
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
  }
}
