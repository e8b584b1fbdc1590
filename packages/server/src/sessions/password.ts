import { hash, verify } from "@node-rs/argon2";
import { ParlorError } from "@parlor/protocol";

/** OWASP's smallest advised setting of argon2id: 19 MiB, two passes. About 26 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashes at one time: they run on libuv's threads, which files and DNS need as well. */
const PARALLEL = 2;
/** Hashes that wait; beyond them a request is told to come back. */
const WAITING = 200;

export type Passwords = ReturnType<typeof createPasswords>;

/** Hashes and checks passwords with argon2id, off the event loop, a bounded number at a time. */
export function createPasswords() {
  let running = 0;
  const waiting: (() => void)[] = [];
  // A login of an unknown name costs as much as one of a known name, so that the time tells nothing.
  let decoy: Promise<string> | undefined;

  async function limited<T>(work: () => Promise<T>): Promise<T> {
    if (running >= PARALLEL) {
      if (waiting.length >= WAITING) throw new ParlorError("overloaded");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    /** The hash to store. */
    hash: (password: string): Promise<string> => limited(() => hash(password, COST)),

    /** Whether a password is right; without a stored hash it is wrong after the same time. */
    async verify(stored: string | null, password: string): Promise<boolean> {
      decoy ??= limited(() => hash("decoy", COST));
      const against = stored ?? (await decoy);
      const right = await limited(() => verify(against, password));
      return stored !== null && right;
    },
  };
}
