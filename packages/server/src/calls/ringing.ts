import { LIMITS, ParlorError, TIMING } from "@parlor/protocol";
import type { RoomsService } from "../rooms/service.js";
import type { Call } from "./call.js";

/** Whom a call rings, and what becomes of it. `tell` is called after each change. */
export function createRinging(rooms: RoomsService, tell: (call: Call) => void) {
  function stop(call: Call, userId: string): boolean {
    clearTimeout(call.ringing.get(userId));
    return call.ringing.delete(userId);
  }

  async function whom(
    call: Call,
    byId: string,
    userIds: readonly string[] | null,
  ): Promise<readonly string[]> {
    const wanted = userIds ?? (await rooms.memberIds(call.roomId)).filter((id) => id !== byId);
    const members = await rooms.members(call.roomId, wanted);
    if (members.length > LIMITS.callRinging)
      throw new ParlorError("rule_broken", `Name whom to ring: at most ${LIMITS.callRinging} people.`);
    return members;
  }

  return {
    /** Rings members, or everybody else; those who are in the call, or declined it, are left out. */
    async ring(call: Call, byId: string, userIds: readonly string[] | null): Promise<void> {
      const found = await whom(call, byId, userIds);
      if (call.legs.size === 0) return;
      const here = new Set([...call.legs.values()].map((leg) => leg.userId));
      for (const userId of found) {
        if (here.has(userId) || userId === byId || call.ringing.has(userId) || call.declined.has(userId))
          continue;
        if (call.ringing.size >= LIMITS.callRinging) break;
        const timer = setTimeout(() => {
          call.ringing.delete(userId);
          call.missed.add(userId);
          tell(call);
        }, TIMING.callRing);
        timer.unref();
        call.ringing.set(userId, timer);
      }
      tell(call);
    },

    /** Somebody came, or is no member any more: it does not ring there. The caller tells of it. */
    stop,

    decline(call: Call, userId: string): void {
      if (!stop(call, userId)) return;
      call.declined.add(userId);
      tell(call);
    },

    /** The call is over: whom it still rang missed it. */
    end(call: Call): void {
      for (const userId of [...call.ringing.keys()]) {
        stop(call, userId);
        call.missed.add(userId);
      }
    },
  };
}
