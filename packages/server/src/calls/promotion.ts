import { ParlorError } from "@parlor/protocol";
import type { Call } from "./call.js";
import type { CallProvider } from "./provider.js";

/** Moves calls that have outgrown the mesh to a media server. `tell` is called when one has moved. */
export function createPromotion(tell: (call: Call) => void) {
  const moves = new Map<Call, Promise<void>>();

  async function move(call: Call, to: CallProvider): Promise<void> {
    await to.open(call);
    if (call.isOver) {
      to.ended(call);
      throw new ParlorError("call_ended");
    }
    call.carryBy(to);
    tell(call);
  }

  return {
    /** Moves a call to where it has more places, once however many ask. Throws `call_server_away` and `call_ended`. */
    async promote(call: Call): Promise<void> {
      const { larger } = call;
      if (!larger || call.provider === larger) return;
      const under = moves.get(call) ?? move(call, larger).finally(() => moves.delete(call));
      moves.set(call, under);
      await under;
    },
  };
}
