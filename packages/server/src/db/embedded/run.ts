import { spawn } from "node:child_process";
import type { Account } from "./account.js";

/** How a command ended: its exit code, or null with the reason in `output`. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** The system's error code where it could not be started at all. */
  readonly error?: string;
}

/** Runs one of PostgreSQL's programs to its end and gathers what it says. */
export function run(
  file: string,
  args: readonly string[],
  { account, cwd = "/" }: { account?: Account | undefined; cwd?: string },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: process.platform === "win32" ? undefined : cwd,
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...account,
    });
    let output = "";
    const gather = (chunk: Buffer) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on("data", gather);
    child.stderr.on("data", gather);
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: null, output: error.message, error: error.code ?? "EUNKNOWN" }),
    );
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** Only what the programs need: no PG* variable may redirect them, and no secret of Parlor's reaches them. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  return { LC_ALL: "C", ...(PATH && { PATH }), ...(SystemRoot && { SystemRoot, TEMP, TMP }) };
}
