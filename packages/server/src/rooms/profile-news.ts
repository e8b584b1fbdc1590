import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Logger } from "../log.js";
import type { ProfileChange, UsersService } from "../users/service.js";
import { toProfile, type UserRow } from "../users/user.js";

/** Milliseconds after which what could not be told is tried again. */
const RETRY_EVERY = 1_000;
/** People of whom something waits to be told at most; beyond them the longest waiting are left to the next connection. */
const LATE_LIMIT = 10_000;

/** What waits to be told of one person; `order` is that of the earliest change in it. */
type LateChange = Pick<ProfileChange, "previousName" | "cause"> & { readonly order: number };

/**
 * Tells rooms of changed profiles. Who is told is asked of the database; when that does not answer, the newest profile is
 * told as soon as it does.
 */
export function createProfileNews(parts: {
  bus: Bus;
  users: Pick<UsersService, "rows">;
  roomIdsOf: (userId: string) => Promise<string[]>;
  log: Logger;
}) {
  const { bus, users, roomIdsOf, log } = parts;
  const late = new Map<string, LateChange>();
  let changes = 0;
  let isWaiting = false;

  /** Tells one room. */
  function tellRoom(
    roomId: string,
    change: { user: UserRow; previousName: string; type: "profile_updated" | "avatar_updated" },
  ): void {
    const { user, previousName, type } = change;
    const profile = toProfile(user);
    const frame = {
      type,
      room_id: roomId,
      ...profile,
      prevUsername: previousName,
      avatar: profile.avatar_url,
      bio: user.bio,
      timestamp: new Date().toISOString(),
    };
    bus.publish(roomId, roomFrame(frame));
  }

  async function tell({ user, previousName, cause }: ProfileChange): Promise<void> {
    const type = cause === "avatar" ? "avatar_updated" : "profile_updated";
    for (const roomId of await roomIdsOf(user.id)) tellRoom(roomId, { user, previousName, type });
  }

  async function isTold(change: ProfileChange): Promise<boolean> {
    try {
      await tell(change);
      return true;
    } catch {
      return false;
    }
  }

  function keep(userId: string, change: LateChange): void {
    const known = late.get(userId);
    late.delete(userId);
    // The rooms still know the name before the first change that they missed; changes need not fail in their order.
    late.set(userId, known && known.order < change.order ? { ...known, cause: change.cause } : change);
    const oldest = late.keys().next();
    if (late.size > LATE_LIMIT && !oldest.done) late.delete(oldest.value);
    tryAgain();
  }

  function tryAgain(): void {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => void tellLate(), RETRY_EVERY).unref();
  }

  async function tellLate(): Promise<void> {
    isWaiting = false;
    // Each stays where it is until it is told, so that what fails meanwhile finds the name that the rooms know.
    const waiting = [...late];
    const rows = await users.rows(waiting.map(([userId]) => userId)).catch(() => null);
    for (const [userId, change] of rows ? waiting : []) {
      const user = rows?.get(userId);
      if (user && !(await isTold({ user, ...change }))) continue;
      const newer = late.get(userId);
      if (user && newer && newer !== change) late.set(userId, { ...newer, previousName: user.shown_name });
      else late.delete(userId);
    }
    if (late.size > 0) tryAgain();
  }

  return {
    tellRoom,
    /** Tells all rooms of a user. */
    changed(change: ProfileChange): void {
      const { previousName, cause } = change;
      const order = changes++;
      tell(change).catch((err: unknown) => {
        log.warn({ err }, "a profile change waits to be told");
        keep(change.user.id, { previousName, cause, order });
      });
    },
  };
}
