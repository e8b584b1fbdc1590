import type { CallOrigin } from "./call.js";
import type { CallChannel } from "./channel.js";

/** What becomes of a join once it is known which call it is for. */
interface Outcome {
  found(): void;
  failed(error: unknown): void;
}

/** Joins that wait for the word of the history, since the server began anew: one of each socket, the newest. */
export function createReturns(find: (roomId: string, callId: string | null) => Promise<CallOrigin | null>) {
  const lookups = new Map<string, Promise<CallOrigin | null>>();
  const waiting = new Map<CallChannel, Outcome>();

  return {
    /** Looks a call up (`null`: the last one of the room), once for all who ask for it at the same time. */
    look(roomId: string, callId: string | null): Promise<CallOrigin | null> {
      const key = `${roomId} ${callId ?? ""}`;
      const lookup = lookups.get(key) ?? find(roomId, callId).finally(() => lookups.delete(key));
      lookups.set(key, lookup);
      return lookup;
    },

    /** Goes on with a join when what it waits for is done, unless its socket has ended or thinks better of it. */
    async wait(channel: CallChannel, work: Promise<unknown>, outcome: Outcome): Promise<void> {
      waiting.set(channel, outcome);
      const isWanted = () => {
        if (waiting.get(channel) !== outcome) return false;
        waiting.delete(channel);
        return !channel.closed;
      };
      try {
        await work;
        if (isWanted()) outcome.found();
      } catch (error) {
        if (isWanted()) outcome.failed(error);
      }
    },

    /** The socket's user thinks better of it. */
    forget(channel: CallChannel): void {
      waiting.delete(channel);
    },
  };
}
