import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PLACES = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/local/lib"];

/** The clock that the server process sees; the machine's own is never touched. */
export interface FakeClock {
  /** For the server's environment. Its database is started with an environment of its own and keeps true time. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts the server's clock so many seconds before (-) or after the true time, at once. */
  set(offset: number): void;
}

/** A clock by Debian's libfaketime; `null` where that is not installed. */
export function createFakeClock(folder: string): FakeClock | null {
  const library = PLACES.map((place) => join(place, "faketime/libfaketime.so.1")).find(existsSync);
  if (library === undefined) return null;
  const file = join(folder, "clock");
  const set = (offset: number) => writeFileSync(file, offset < 0 ? String(offset) : `+${offset}`);
  set(0);
  chmodSync(file, 0o644);
  return {
    // Timers run on the monotonic clock, which jumps on no real machine.
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}
