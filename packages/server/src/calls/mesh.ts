import { LIMITS, ParlorError } from "@parlor/protocol";
import type { CallProvider } from "./provider.js";

/** The clients send to each other; the server only passes on what they tell each other. */
export function createMesh(): CallProvider {
  return {
    mode: "mesh",
    limits: { legs: LIMITS.callLegs, senders: LIMITS.callSenders },
    open: async () => {},
    signal(call, from, to, signal) {
      const target = call.legs.get(to);
      if (!target || target === from) throw new ParlorError("call_leg_gone");
      const { roomId: room_id, id: call_id } = call;
      target.deliver({ type: "call-signal", room_id, call_id, from: from.id, signal });
    },
    // Whoever is in the call closes its own connections, as the state says, and chooses the sizes of what it sends.
    changed: () => {},
    wants: () => {},
    removed: () => {},
    async record(_call, target) {
      if (target) throw new ParlorError("not_configured", "This call can not be recorded where it is.");
    },
    ended: () => {},
    close: async () => {},
  };
}
