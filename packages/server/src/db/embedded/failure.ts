import { statfs } from "node:fs/promises";
import { errorCode, errorText, StartupError } from "../../startup-error.js";

/** PostgreSQL needs room for one more log segment (16 MB) to start, and some to work. */
const leastFreeBytes = 32 * 1024 * 1024;

/** Turns what went wrong in or around the data folder into the one line that says what to do. */
export async function explain(error: unknown, dataDir: string): Promise<StartupError> {
  if (error instanceof StartupError) return error;
  const text = errorText(error);
  if (errorCode(error) === "ENOSPC" || /No space left on device/i.test(text) || (await isFull(dataDir))) {
    return diskFull(dataDir);
  }
  const code = errorCode(error) ?? "";
  if (["EACCES", "EPERM", "EROFS"].includes(code) || /Permission denied|read-only file system/i.test(text)) {
    return new StartupError(
      `no permission in the data folder ${dataDir} (${text}): make it writable for ${whoRuns()}, or set another DATA_DIR.`,
    );
  }
  if (["ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG"].includes(code)) {
    return new StartupError(`DATA_DIR ${dataDir} can not be a folder (${text}): set another DATA_DIR.`);
  }
  if (/could not look up effective user/i.test(text)) {
    return new StartupError(
      `${whoRuns()} has no entry in /etc/passwd, which PostgreSQL needs to make a database: add one, or set DATABASE_URL.`,
    );
  }
  const line = `the built-in PostgreSQL does not start: ${text} (more in ${dataDir}/postgres.log)`;
  return new StartupError(line, { cause: error });
}

/** The line for a full disk. */
export function diskFull(dataDir: string): StartupError {
  return new StartupError(
    `no space left on the disk of the data folder ${dataDir}: free at least 64 MB there, or set another DATA_DIR.`,
  );
}

/** Whether PostgreSQL's words mean that an earlier server of the folder is still going away. */
export function isStillThere(output: string): boolean {
  return /lock file "[^"]*" already exists|pre-existing shared memory block|is another post(master|gres)/i.test(
    output,
  );
}

/** The lines of PostgreSQL's output that carry the reason, as one line. */
export function reasonIn(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^.*?(FATAL|PANIC|ERROR|LOG|HINT|DETAIL):\s*/, "$1: "));
  const reasons = lines.filter((line) =>
    /^(FATAL|PANIC|DETAIL|HINT)|^\S*(initdb|postgres): (error|could)/.test(line),
  );
  return (reasons.length > 0 ? reasons : lines.filter((line) => line.trim() !== "").slice(-2))
    .join(" ")
    .trim();
}

async function isFull(dataDir: string): Promise<boolean> {
  const disk = await statfs(dataDir).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < leastFreeBytes;
}

function whoRuns(): string {
  const uid = process.getuid?.();
  return uid === undefined ? "this user" : `the user with number ${uid}`;
}
