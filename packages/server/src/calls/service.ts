import {
  CALL_SERVER,
  type CallClientFrame,
  type CallInfo,
  type CallLeftReason,
  errorEntry,
  LIMITS,
  ParlorError,
  TIMING,
} from "@parlor/protocol";
import { createBoundedMap } from "../bounded-map.js";
import type { Bus } from "../bus/bus.js";
import type { RecordingConfig } from "../config.js";
import type { Database } from "../db/database.js";
import { toParlorError } from "../db/trouble.js";
import type { FilesService } from "../files/service.js";
import type { Logger } from "../log.js";
import { newMessageId } from "../messages/message-id.js";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import { createAnnouncer } from "./announcer.js";
import { Call, type CallOrigin } from "./call.js";
import type { CallChannel } from "./channel.js";
import { createFrameLimits } from "./frame-limits.js";
import type { Leg } from "./leg.js";
import { moderate } from "./moderation.js";
import { createPromotion } from "./promotion.js";
import type { CallProvider } from "./provider.js";
import { createRecordings } from "./recording/service.js";
import { createCallRecords } from "./records.js";
import { createReturns } from "./returns.js";
import { createRinging } from "./ringing.js";

/** Calls that are known to be over; beyond them the history is believed. */
const OVER = 1_000;
/**
 * After its start a server knows nothing of calls that go on: for so many milliseconds it asks the database first, and
 * lets a call wait for those who were in it.
 */
const RETURN_WITHIN = 60_000;

type Join = Extract<CallClientFrame, { type: "call-join" }>;

/** Where a socket is: a leg of a call, or in its lobby. */
interface Place {
  readonly call: Call;
  readonly legId: string;
}

/** A frame, as far as its refusal names it. */
interface Named {
  readonly type: string;
  readonly to?: string;
  readonly target?: string | null | undefined;
}

export type CallsService = ReturnType<typeof createCalls>;

/** The calls of this process, at most one for each room (docs/decisions/0009). */
export function createCalls(parts: {
  database: Database;
  bus: Bus;
  users: UsersService;
  rooms: RoomsService;
  messages: MessagesService;
  files: FilesService;
  recording: RecordingConfig;
  provider: CallProvider;
  /** What carries a call that has outgrown the first; `null`: nothing. */
  larger: CallProvider | null;
  limited: boolean;
  log: Logger;
}) {
  const { database, bus, users, rooms, messages, provider, larger, log } = parts;
  const youngUntil = performance.now() + RETURN_WITHIN;
  const names = (userId: string, fallback: string) => users.cachedProfile(userId)?.username ?? fallback;
  const records = createCallRecords({ sql: database.sql, messages, names, log });
  const calls = new Map<string, Call>();
  const places = new Map<CallChannel, Place>();
  const returns = createReturns(records.find);
  /** Calls that are over and may not be so in the history yet. */
  const over = createBoundedMap<string, true>(OVER);
  const infoOf = (roomId: string): CallInfo | null => calls.get(roomId)?.info ?? null;
  const announcer = createAnnouncer(bus, infoOf);
  const count = createFrameLimits(parts.limited);
  const ringing = createRinging(rooms, tell);
  const promotion = createPromotion(tell);
  const recordings = createRecordings({
    sql: database.sql,
    files: parts.files,
    messages,
    names,
    config: parts.recording,
    isCarried: larger !== null,
    promote: (call) => promotion.promote(call),
    tell,
    log,
  });
  /** Ends that are on their way into the history. */
  const ending = new Set<Promise<void>>();
  let isClosed = false;

  /** Tells the legs at once, and the room in a moment. */
  function tell(call: Call): void {
    call.changed();
    records.keep(call);
    call.provider.changed(call);
    for (const leg of call.legs.values()) sendState(call, leg);
    announcer.changed(call.roomId);
  }

  function sendState(call: Call, leg: Leg): void {
    leg.send({
      type: "call-state",
      room_id: call.roomId,
      you: leg.id,
      call: call.snapshotFor(leg, { recordable: recordings.isSetUp }),
    });
  }

  function sendLeft(call: Call, legId: string, channel: CallChannel | null, reason: CallLeftReason): void {
    if (!channel || channel.closed) return;
    channel.send({ type: "call-left", room_id: call.roomId, call_id: call.id, leg_id: legId, reason });
  }

  function begin(roomId: string, origin: CallOrigin): Call {
    const call = new Call(roomId, origin, { provider, larger, names });
    calls.set(roomId, call);
    return call;
  }

  /** The call that a join is for; `null` while it is being looked up. */
  function callFor(roomId: string, channel: CallChannel, frame: Join, isLookedUp: boolean): Call | null {
    const call = calls.get(roomId);
    const wanted = frame.call_id ?? call?.id ?? null;
    if (call && call.id === wanted) return call;
    if (call || (wanted !== null && over.get(wanted))) throw new ParlorError("call_ended");
    if (!isLookedUp && (wanted !== null || performance.now() < youngUntil)) {
      lookUp(roomId, wanted, channel, frame);
      return null;
    }
    const made = begin(roomId, {
      id: newMessageId(),
      startedAt: new Date(),
      startedBy: channel.userId,
      people: [channel.userId],
    });
    records.begin(made);
    return made;
  }

  /** The server began anew while a call went on: the database knows it. */
  function lookUp(roomId: string, callId: string | null, channel: CallChannel, frame: Join): void {
    const work = returns.look(roomId, callId).then(async (origin) => {
      if (isClosed) throw new ParlorError("going_away");
      if (origin && !over.get(origin.id)) await goOn(roomId, origin, frame);
      else if (callId !== null) throw new ParlorError("call_ended");
    });
    void returns.wait(channel, work, {
      found: () => attempt(roomId, channel, frame, () => join(roomId, channel, frame, true)),
      failed: (error) => refuse(roomId, channel, frame, error),
    });
  }

  /** Takes a call up again where its media goes, and gives those who were in it the time to come back. */
  async function goOn(roomId: string, origin: CallOrigin, frame: Join): Promise<void> {
    let call = calls.get(roomId);
    if (!call) {
      const taken = begin(roomId, origin);
      taken.returning = setTimeout(() => {
        taken.former.clear();
        taken.missing.clear();
        settle(taken);
      }, RETURN_WITHIN);
      taken.returning.unref();
      call = taken;
    }
    const isServed = frame.mode === "janus" || origin.kept?.mode === "janus";
    // Where the media server is away, the call goes on without it.
    if (isServed && call.id === origin.id) await promotion.promote(call).catch(() => {});
  }

  /** Does something once the call has found more places; `frame` asked for it, and is refused where there are none. */
  function grow(call: Call, channel: CallChannel, frame: Named, then: () => void): void {
    promotion
      .promote(call)
      .then(() => {
        if (!isClosed) then();
      })
      .catch((error: unknown) => refuse(call.roomId, channel, frame, error));
  }

  function join(roomId: string, channel: CallChannel, frame: Join, isLookedUp = false): void {
    const place = places.get(channel);
    if (place && place.legId !== frame.leg_id) out(channel, "left");
    const call = callFor(roomId, channel, frame, isLookedUp);
    if (!call) return;
    const known = call.legs.get(frame.leg_id);
    if (known) comeBack(call, known, channel, frame);
    else comeIn(call, channel, frame);
  }

  /** A leg that is over another socket now, or asks for its state once more. */
  function comeBack(call: Call, leg: Leg, channel: CallChannel, frame: Join): void {
    if (leg.userId !== channel.userId) throw new ParlorError("rule_broken", "Choose another leg_id.");
    const before = leg.channel;
    if (before && before !== channel) {
      places.delete(before);
      sendLeft(call, leg.id, before, "replaced");
    }
    leg.attach(channel);
    places.set(channel, { call, legId: leg.id });
    leg.wish = frame.media;
    leg.media = call.allowed(frame.media, leg);
    tell(call);
    leg.flush();
  }

  function comeIn(call: Call, channel: CallChannel, frame: Join): void {
    const { userId, standing } = channel;
    const isModerator = call.isModerator(userId, standing);
    // Whoever begins it, or was in it before the server began anew, asks nobody.
    const isOwn = call.former.has(userId) || call.legs.size + call.waiting.size + call.former.size === 0;
    if (call.removed.has(userId)) throw new ParlorError("call_removed");
    if (call.isLocked && !isModerator && !isOwn) throw new ParlorError("call_locked");
    const hasPlace = call.hasPlaceFor(standing);
    if (!hasPlace && !call.canGrow) throw new ParlorError("call_full");
    if (call.placesOf(userId, frame.leg_id) >= LIMITS.callPlacesPerUser)
      throw new ParlorError(
        "rule_broken",
        `You are in this call ${LIMITS.callPlacesPerUser} times. Leave it elsewhere first.`,
      );
    if (call.hasLobby && !isModerator && !isOwn) wait(call, channel, frame);
    else if (hasPlace) enter(call, channel, frame.leg_id, frame.media);
    else
      grow(call, channel, frame, () => {
        if (!channel.closed) join(call.roomId, channel, frame);
      });
  }

  function wait(call: Call, channel: CallChannel, { leg_id, media }: Join): void {
    const before = call.waiting.get(leg_id);
    if (before && before.channel.userId !== channel.userId)
      throw new ParlorError("rule_broken", "Choose another leg_id.");
    if (!before && call.waiting.size >= LIMITS.callWaiting) throw new ParlorError("call_full");
    if (before && before.channel !== channel) {
      places.delete(before.channel);
      sendLeft(call, leg_id, before.channel, "replaced");
    }
    call.waiting.set(leg_id, { channel, media });
    places.set(channel, { call, legId: leg_id });
    channel.send({ type: "call-waiting", room_id: call.roomId, call_id: call.id, leg_id });
    tell(call);
  }

  function enter(call: Call, channel: CallChannel, legId: string, media: Join["media"]): void {
    const leg = call.add(legId, channel, call.allowed(media, null));
    places.set(channel, { call, legId });
    ringing.stop(call, channel.userId);
    const isLess = leg.media !== media;
    if (isLess && !call.canGrow)
      refuse(call.roomId, channel, { type: "call-media" }, new ParlorError("call_senders_full"));
    tell(call);
    if (isLess && call.canGrow) setMedia(call, leg, media);
  }

  /** Lets a leg send what it wishes; where a picture finds no place, once the call has found one for it. */
  function setMedia(call: Call, leg: Leg, media: Join["media"]): void {
    leg.wish = media;
    leg.media = call.allowed(media, leg);
    tell(call);
    if (leg.media === media) return;
    const { channel } = leg;
    if (!call.canGrow || !channel) throw new ParlorError("call_senders_full");
    grow(call, channel, { type: "call-media" }, () => {
      if (call.legs.get(leg.id) === leg && leg.wish === media) setMedia(call, leg, media);
    });
  }

  /** Ends a leg or a place in the lobby, and the call with its last leg. */
  function remove(call: Call, legId: string, reason: CallLeftReason): void {
    const guest = call.waiting.get(legId);
    const leg = call.legs.get(legId);
    const channel = guest?.channel ?? leg?.channel ?? null;
    call.waiting.delete(legId);
    call.legs.delete(legId);
    if (channel) places.delete(channel);
    if (leg?.expiry) clearTimeout(leg.expiry);
    if (leg) call.provider.removed(call, leg);
    sendLeft(call, legId, channel, reason);
    settle(call);
  }

  /** A call ends with its last leg, unless somebody may still come back to it. */
  function settle(call: Call): void {
    if (call.legs.size + call.missing.size === 0) end(call);
    else tell(call);
  }

  function out(channel: CallChannel, reason: CallLeftReason): void {
    const place = places.get(channel);
    if (place) remove(place.call, place.legId, reason);
  }

  function end(call: Call): void {
    if (calls.get(call.roomId) !== call) return;
    calls.delete(call.roomId);
    call.isOver = true;
    over.set(call.id, true);
    if (call.returning) clearTimeout(call.returning);
    recordings.stop(call);
    ringing.end(call);
    for (const [legId, leg] of call.legs) {
      if (leg.expiry) clearTimeout(leg.expiry);
      call.provider.removed(call, leg);
      if (leg.channel) places.delete(leg.channel);
      sendLeft(call, legId, leg.channel, "ended");
    }
    for (const [legId, { channel }] of call.waiting) {
      places.delete(channel);
      sendLeft(call, legId, channel, "ended");
    }
    call.legs.clear();
    call.waiting.clear();
    call.provider.ended(call);
    announcer.changed(call.roomId);
    const noted: Promise<void> = records.end(call).finally(() => ending.delete(noted));
    ending.add(noted);
  }

  /** Ends all legs of a user in a room's call. */
  function removeUser(call: Call, userId: string, reason: CallLeftReason): void {
    const ids = [...call.legs.values()].filter((leg) => leg.userId === userId).map((leg) => leg.id);
    const guests = [...call.waiting].filter(([, { channel }]) => channel.userId === userId);
    for (const legId of [...ids, ...guests.map(([id]) => id)]) remove(call, legId, reason);
  }

  const effects = {
    remove: (call: Call, userId: string) => removeUser(call, userId, "removed"),
    admit(call: Call, legId: string) {
      const guest = call.waiting.get(legId);
      if (!guest) return;
      if (call.isFull) throw new ParlorError("call_full");
      call.waiting.delete(legId);
      enter(call, guest.channel, legId, guest.media);
    },
    record(call: Call, by: Leg) {
      recordings.start(call, by.userId).catch((error: unknown) => {
        if (by.channel) refuse(call.roomId, by.channel, { type: "call-moderate" }, error);
      });
    },
    stopRecording: (call: Call) => recordings.stop(call),
    deny: (call: Call, legId: string) => remove(call, legId, "denied"),
    end,
    tell,
  };

  function placeOf(channel: CallChannel): { call: Call; leg: Leg } {
    const place = places.get(channel);
    const leg = place?.call.legs.get(place.legId);
    if (!place || !leg) throw new ParlorError("not_in_call");
    return { call: place.call, leg };
  }

  function handle(roomId: string, channel: CallChannel, frame: CallClientFrame): void {
    if (isClosed) throw new ParlorError("going_away");
    count(channel, frame);
    if (frame.type === "call-join") {
      if (!channel.resume) throw new ParlorError("rule_broken", "A call needs a socket with a cursor.");
      if (Object.values<string>(CALL_SERVER).includes(frame.leg_id))
        throw new ParlorError("rule_broken", "Choose another leg_id.");
      join(roomId, channel, frame);
      return;
    }
    if (frame.type === "call-leave") {
      returns.forget(channel);
      const call = calls.get(roomId);
      if (places.has(channel)) out(channel, "left");
      else if (call?.missing.delete(channel.userId)) settle(call);
      return;
    }
    const { call, leg } = placeOf(channel);
    switch (frame.type) {
      case "call-media":
        setMedia(call, leg, frame.media);
        return;
      case "call-hand":
        call.raise(leg, frame.raised);
        tell(call);
        return;
      case "call-reaction":
        for (const one of call.legs.values())
          one.send({
            type: "call-reaction",
            room_id: roomId,
            call_id: call.id,
            leg_id: leg.id,
            emoji: frame.emoji,
          });
        return;
      case "call-signal":
        signal(call, leg, frame);
        return;
      case "call-ready":
        leg.generation = Math.min(frame.generation, call.generation);
        tell(call);
        return;
      case "call-told":
        if (call.recording?.id === frame.recording) leg.told = frame.recording;
        call.provider.changed(call);
        return;
      case "call-wants":
        call.provider.wants(call, leg, frame.layers);
        return;
      case "call-moderate":
        if (frame.action === "admit" && call.isFull && call.canGrow)
          grow(call, channel, frame, () => moderate(call, leg, frame, effects));
        else moderate(call, leg, frame, effects);
        return;
      case "call-ring":
        ringing
          .ring(call, leg.userId, frame.user_ids ?? null)
          .catch((error: unknown) => refuse(roomId, channel, frame, error));
        return;
      default:
        frame satisfies never;
    }
  }

  /** The legs go on telling each other what their connections need until these are let go of. */
  function signal(call: Call, from: Leg, frame: Extract<CallClientFrame, { type: "call-signal" }>): void {
    const isForServer = frame.to === CALL_SERVER.sends || frame.to === CALL_SERVER.receives;
    (isForServer ? call.provider : provider).signal(call, from, frame.to, frame.signal);
  }

  function attempt(roomId: string, channel: CallChannel, frame: CallClientFrame, work: () => void): void {
    try {
      work();
    } catch (error) {
      refuse(roomId, channel, frame, error);
    }
  }

  function refuse(roomId: string, channel: CallChannel, frame: Named, error: unknown): void {
    const { code, message: detail, retry } = known(error);
    const target = frame.to ?? frame.target;
    const named = target ? { target } : {};
    channel.send({ type: "call-error", room_id: roomId, of: frame.type, ...named, code, detail, retry });
  }

  function known(error: unknown) {
    const found = toParlorError(error);
    if (found.code === "internal") log.error({ err: error }, "a frame of a call failed");
    return { code: found.code, message: found.message, retry: errorEntry(found.code).retry };
  }

  rooms.onMembership(({ room, userId, isMember }) => {
    const call = calls.get(room.id);
    if (isMember || !call) return;
    const isMissed = call.missing.delete(userId);
    call.former.delete(userId);
    removeUser(call, userId, "left_room");
    if (ringing.stop(call, userId) || isMissed) settle(call);
  });

  rooms.onGone((roomId) => {
    const call = calls.get(roomId);
    if (call) end(call);
  });

  return {
    /** The room's call as everybody in the room sees it. */
    infoOf,

    /** Acts on a frame of a socket in a room; what is refused is told to it. */
    act(roomId: string, channel: CallChannel, frame: CallClientFrame): void {
      attempt(roomId, channel, frame, () => handle(roomId, channel, frame));
    },

    /**
     * A socket has ended. Its leg has some seconds to come over another one, unless its user may not come back
     * (`isFinal`).
     */
    dropped(channel: CallChannel, isFinal: boolean): void {
      const place = places.get(channel);
      if (!place) return;
      const { call, legId } = place;
      const leg = call.legs.get(legId);
      if (!leg || isFinal) {
        remove(call, legId, leg ? "left_room" : "left");
        return;
      }
      places.delete(channel);
      leg.detach();
      leg.expiry = setTimeout(() => remove(call, legId, "expired"), TIMING.callGrace);
      leg.expiry.unref();
      tell(call);
    },

    /** A user declines the call that rings. */
    decline(roomId: string, userId: string): void {
      const call = calls.get(roomId);
      if (call) ringing.decline(call, userId);
    },

    /** Removes recordings that nobody knows any more. Meant to run every hour. */
    sweep: (now: number) => recordings.sweep(now),

    /** The server stops. Calls do not end by it: their clients come back to them. Those that have ended are noted. */
    async close(): Promise<void> {
      isClosed = true;
      for (const call of calls.values()) {
        for (const leg of call.legs.values()) if (leg.expiry) clearTimeout(leg.expiry);
        for (const timer of call.ringing.values()) clearTimeout(timer);
        if (call.returning) clearTimeout(call.returning);
      }
      calls.clear();
      places.clear();
      announcer.close();
      await Promise.all([...ending, provider.close(), larger?.close(), recordings.close()]);
    },
  };
}
