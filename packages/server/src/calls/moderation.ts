import { type CallAction, ParlorError } from "@parlor/protocol";
import type { Call } from "./call.js";
import type { Leg } from "./leg.js";

/** What a moderator's word leads to beside a changed state. */
export interface ModerationEffects {
  /** Ends all legs of a user. */
  remove(call: Call, userId: string): void;
  /** Brings somebody in from the lobby. */
  admit(call: Call, legId: string): void;
  /** Sends somebody in the lobby away. */
  deny(call: Call, legId: string): void;
  end(call: Call): void;
  /** Begins to record; what keeps it from that is told to who asked. */
  record(call: Call, by: Leg): void;
  stopRecording(call: Call): void;
  /** The state changed. */
  tell(call: Call): void;
}

/** What of a leg's media an action takes. */
const TAKES = {
  mute: { audio: false },
  "stop-video": { video: false },
  "stop-screen": { screen: false },
} as const;

/** Acts on a moderator's word; throws for anybody else, and when the target is not there. */
export function moderate(
  call: Call,
  by: Leg,
  { action, target: targetId }: { action: CallAction; target?: string | null | undefined },
  effects: ModerationEffects,
): void {
  if (!call.isModerator(by.userId, by.standing))
    throw new ParlorError("forbidden", "Only a moderator of this call may do this.");
  const target = () => {
    const leg = call.legs.get(targetId ?? "");
    if (!leg) throw new ParlorError("call_leg_gone");
    return leg;
  };
  const guest = () => {
    if (!targetId || !call.waiting.has(targetId)) throw new ParlorError("call_leg_gone");
    return targetId;
  };
  const say = (leg: Leg) => {
    const { roomId: room_id, id: call_id } = call;
    leg.deliver({ type: "call-moderated", room_id, call_id, action, by: by.userId });
  };

  switch (action) {
    case "mute":
    case "stop-video":
    case "stop-screen": {
      const leg = target();
      leg.media = { ...leg.media, ...TAKES[action] };
      leg.wish = leg.media;
      say(leg);
      break;
    }
    case "lower-hand": {
      const leg = target();
      call.raise(leg, false);
      say(leg);
      break;
    }
    case "remove": {
      const { userId } = target();
      if (userId === by.userId) throw new ParlorError("rule_broken", "Leave the call instead.");
      call.removed.add(userId);
      effects.remove(call, userId);
      return;
    }
    case "admit":
      effects.admit(call, guest());
      return;
    case "deny":
      effects.deny(call, guest());
      return;
    case "lock":
    case "unlock":
      call.isLocked = action === "lock";
      break;
    case "lobby":
      call.hasLobby = true;
      break;
    case "no-lobby":
      call.hasLobby = false;
      // Who finds no place any more goes on waiting, and can be let in when there is one.
      for (const legId of [...call.waiting.keys()]) if (!call.isFull) effects.admit(call, legId);
      break;
    case "record":
      effects.record(call, by);
      return;
    case "stop-recording":
      effects.stopRecording(call);
      break;
    case "end":
      effects.end(call);
      return;
    default:
      action satisfies never;
  }
  effects.tell(call);
}
