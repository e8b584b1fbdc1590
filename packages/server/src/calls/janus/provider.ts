import { LIMITS, ParlorError } from "@parlor/protocol";
import type { JanusConfig } from "../../config.js";
import type { Logger } from "../../log.js";
import type { CallProvider, CarriedCall } from "../provider.js";
import { JanusLink } from "./link.js";
import { JanusRoom } from "./room.js";

/**
 * A Janus carries the media. Clients talk to Parlor alone, which tells Janus who sends and who receives; so whoever is
 * removed, muted or not let in is so in Janus too.
 */
export function createJanus(parts: { config: JanusConfig; log: Logger }): CallProvider {
  const { config, log } = parts;
  const rooms = new Map<string, JanusRoom>();
  const link = new JanusLink({
    config,
    log,
    onUp: () => {
      for (const [callId, room] of rooms) reopen(callId, room);
    },
    onDown: () => {
      for (const room of rooms.values()) room.lost();
    },
  });
  // It is there before the first call needs it, or the log says that it is not.
  link.ready().catch(() => {});

  function reopen(callId: string, room: JanusRoom): void {
    room.open().catch((err: unknown) => {
      // With a session that is lost again the next one tries again.
      if (rooms.has(callId)) log.warn({ err }, "the media server did not take a call back");
    });
  }

  function roomOf(call: CarriedCall): JanusRoom {
    const room = rooms.get(call.id);
    if (!room) throw new ParlorError("call_server_away");
    return room;
  }

  return {
    mode: "janus",
    limits: { legs: LIMITS.callLegsServed, senders: LIMITS.callSendersServed },
    async open(call) {
      if (rooms.has(call.id)) return;
      const room = new JanusRoom(call, { link, adminKey: config.adminKey, log });
      try {
        await room.open();
      } catch (err) {
        if (!(err instanceof ParlorError)) log.warn({ err }, "the media server does not take calls");
        throw new ParlorError("call_server_away");
      }
      rooms.set(call.id, room);
    },
    signal: (call, from, to, signal) => roomOf(call).signal(from, to, signal),
    changed: (call) => rooms.get(call.id)?.changed(),
    wants: (call, leg, layers) => roomOf(call).wants(leg, layers),
    removed: (call, leg) => rooms.get(call.id)?.removed(leg),
    async record(call, target) {
      const room = target ? roomOf(call) : rooms.get(call.id);
      try {
        await room?.record(target);
      } catch (err) {
        if (!(err instanceof ParlorError)) log.warn({ err }, "the media server does not record");
        throw new ParlorError("call_server_away");
      }
    },
    ended(call) {
      void rooms.get(call.id)?.close();
      rooms.delete(call.id);
    },
    async close() {
      const open = [...rooms.values()];
      rooms.clear();
      await Promise.all(open.map((room) => room.close()));
      await link.close();
    },
  };
}
