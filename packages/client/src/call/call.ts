import {
  type CallClientFrame,
  type CallInfo,
  type CallMedia,
  type CallSignal,
  type CallSnapshot,
  errorEntry,
  ParlorError,
  type ServerFrame,
  type ServerFrameOf,
} from "@parlor/protocol";
import { asParlorError } from "../errors.js";
import { createListeners } from "../listeners.js";
import type { RoomClient } from "../room-client.js";
import { withTimeout } from "../timeout.js";
import type { CallEngine } from "./engine.js";
import { createEngines } from "./engines.js";
import { createLocalMedia, sameTracks } from "./local-media.js";
import { randomName } from "./pair.js";
import { browserPlatform, type CallPlatform } from "./platform.js";
import { isSameMedia, isSameObject } from "./same.js";
import type {
  CallClient,
  CallEnding,
  CallNotice,
  CallReaction,
  CallState,
  CallStatus,
  JoinOptions,
} from "./types.js";
import { LEFT, MODERATED, STOPPED, UNREACHED } from "./words.js";

/** A join that is not answered in this time has failed. */
const JOIN_TIMEOUT = 15_000;
const REQUEST_TIMEOUT = 8_000;
/** Signals that wait for the room's socket; beyond them the oldest go, and the watch of their connections mends it. */
const WAITING = 256;
/** A come-back that was refused for now is tried again after so long. */
const RETRY_AFTER = 2_000;
const REACTION_FOR = 5_000;
const REACTIONS = 50;
/** Credentials are asked for anew so long before they end, and so long after that failed. */
const RENEW_BEFORE = 10 * 60 * 1_000;
const RENEW_AGAIN = 30_000;

/** This tab's part in one call, from the join to the end. */
interface Session {
  readonly legId: string;
  status: Exclude<CallStatus, "idle" | "ended">;
  callId: string | null;
  call: CallSnapshot | null;
  /** Whether the server knows the leg by the socket that there is now. */
  isPlaced: boolean;
  readonly engine: CallEngine;
  /** What was said last to be sent, where the call does not say so yet. */
  asked: CallMedia | null;
  /** The recording, and the place in the call, for which the server knows that it is shown here. */
  told: string | null;
  readonly ring: JoinOptions["ring"];
  /** Ends the wait of `join()`. */
  settle: ((error: ParlorError | null) => void) | null;
}

/** Opens the call of a room: it is followed from now on, and joined with `join()`. */
export function openCall(
  room: RoomClient,
  options: { readonly platform?: CallPlatform | undefined } = {},
): CallClient {
  const platform = options.platform ?? browserPlatform();
  const { api, userId, clock, online } = room.wire;
  const { roomId } = room.state;
  const params = { room_id: roomId };
  const listeners = createListeners();
  const closing = new AbortController();
  const media = createLocalMedia(platform, (stopped) => {
    if (stopped) notify({ kind: "media-stopped", detail: STOPPED[stopped] });
    mediaChanged();
  });
  let session: Session | null = null;
  let ending: CallEnding | null = null;
  let reactions: readonly CallReaction[] = [];
  let notice: CallNotice | null = null;
  let counter = 0;
  let iceServers: RTCIceServer[] = [];
  let stopRenewal = () => {};
  let sentTracks = media.tracks;
  let waiting: CallClientFrame[] = [];
  let stopRetry = () => {};
  const views = new Map<string, number>();
  let state = makeState();

  function makeState(): CallState {
    const call = session?.call ?? null;
    const info: CallInfo | null = room.state.call;
    const self = call?.legs.find(({ leg_id }) => leg_id === session?.legId);
    return {
      status: session ? shownStatus(session) : ending ? "ended" : "idle",
      info,
      isRinging: !session && (info?.ringing.includes(userId) ?? false),
      ending,
      me: {
        legId: session?.legId ?? "",
        isModerator: self?.moderator ?? false,
        media: media.media,
        hasMicrophone: media.hasMicrophone,
        isMuted: media.isMuted,
        camera: media.preview,
        screen: media.screen,
        hand: self?.hand ?? null,
        isSpeaking: media.isSpeaking && !media.isMuted,
        level: Math.round(media.level * 20) / 20,
        isTalkingMuted: media.isTalkingMuted(clock.now()),
        isVideoHeldBack: session?.engine.isVideoHeldBack ?? false,
      },
      people: session?.engine.people ?? [],
      waiting: call?.waiting ?? [],
      mode: call?.mode ?? info?.mode ?? "mesh",
      isLocked: call?.locked ?? info?.locked ?? false,
      hasLobby: call?.lobby ?? info?.lobby ?? false,
      recording: call ? call.recording : (info?.recording ?? null),
      isRecordable: call?.recordable ?? false,
      startedAt: call?.started_at ?? info?.started_at ?? null,
      reactions,
      notice,
    };
  }

  /** Without the room's socket a call is known as it was. */
  function shownStatus({ status }: Session): CallStatus {
    return status === "live" && room.state.status !== "live" ? "reconnecting" : status;
  }

  function show(): void {
    const next = makeState();
    // Where nothing changed, the old objects stay.
    const me = isSameObject(state.me, next.me) ? state.me : next.me;
    const merged = { ...next, me };
    if (isSameObject(state, merged)) return;
    state = merged;
    listeners.notify();
  }

  function notify(news: Omit<CallNotice, "id">): void {
    counter += 1;
    notice = { id: counter, ...news };
    show();
  }

  /** Sends a frame now, or when the socket is back and the leg is in its call again. */
  function send(frame: CallClientFrame, mayWait = false): void {
    if (session?.isPlaced && room.wire.send(frame)) return;
    if (!mayWait) return;
    waiting.push(frame);
    if (waiting.length > WAITING) waiting.shift();
  }

  function mediaChanged(): void {
    const { tracks } = media;
    if (!sameTracks(tracks, sentTracks)) {
      sentTracks = tracks;
      session?.engine.update();
    }
    sayMedia();
    show();
  }

  /** Says what is sent, once: a picture may have to wait until the call has found a place for it. */
  function sayMedia(): void {
    const current = session;
    const said = current?.call?.legs.find(({ leg_id }) => leg_id === current.legId)?.media;
    if (!current || !said) return;
    const now = media.media;
    if (isSameMedia(said, now)) current.asked = null;
    else if (!current.asked || !isSameMedia(current.asked, now)) {
      current.asked = now;
      send({ type: "call-media", media: now });
    }
  }

  async function fetchIceServers(): Promise<void> {
    const answer = await withTimeout(clock, REQUEST_TIMEOUT, closing.signal, (signal) =>
      api.call("getIceServers", { params, query: { user_id: userId }, signal }),
    );
    iceServers = answer.ice_servers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }));
    stopRenewal();
    if (answer.expires_at !== null)
      renewIceServers(Date.parse(answer.expires_at) - clock.now() - RENEW_BEFORE);
  }

  /** Whoever comes later, and every repair, needs credentials that are good: they are asked for before they end. */
  function renewIceServers(after: number): void {
    stopRenewal = clock.after(Math.max(RENEW_AGAIN, after), () => {
      if (session) fetchIceServers().catch(() => renewIceServers(RENEW_AGAIN));
    });
  }

  function sendSignal(to: string, signal: CallSignal): void {
    send({ type: "call-signal", to, signal }, true);
  }

  function begin(ring: JoinOptions["ring"]): Session {
    const engine = createEngines({
      platform,
      clock,
      configuration: () => ({ iceServers, bundlePolicy: "max-bundle" }),
      tracks: () => media.tracks,
      send: sendSignal,
      want: (layers) => send({ type: "call-wants", layers }, true),
      viewOf: (legId) => views.get(legId) ?? null,
      ready: (generation) => send({ type: "call-ready", generation }, true),
      onChange: show,
      onListen() {
        media.measure(clock.now());
        show();
      },
    });
    return {
      legId: randomName(),
      status: "joining",
      callId: null,
      call: null,
      isPlaced: false,
      engine,
      asked: null,
      told: null,
      ring,
      settle: null,
    };
  }

  function end(why: CallEnding | null): void {
    const ended = session;
    session = null;
    waiting = [];
    stopRetry();
    stopRenewal();
    ended?.engine.close();
    media.stop();
    sentTracks = media.tracks;
    ending = why;
    const code = why?.code;
    ended?.settle?.(why ? new ParlorError(code ?? "call_ended", why.detail) : null);
    show();
  }

  function sendJoin(current: Session): boolean {
    const { legId: leg_id, callId, call } = current;
    current.asked = null;
    const back = callId === null ? {} : { call_id: callId, ...(call ? { mode: call.mode } : {}) };
    return room.wire.send({ type: "call-join", leg_id, media: media.media, ...back });
  }

  function takeState(frame: ServerFrameOf<"call-state">): void {
    const current = session;
    if (!current || frame.you !== current.legId) return;
    const { call } = frame;
    const before = current.call;
    if (before && before.epoch === call.epoch && call.rev <= before.rev) return;
    const isFirst = current.status !== "live";
    current.call = call;
    current.callId = call.call_id;
    current.status = "live";
    current.isPlaced = true;
    current.engine.follow(call, current.legId);
    const here = new Set(call.legs.map(({ leg_id }) => leg_id));
    for (const legId of views.keys()) if (!here.has(legId)) views.delete(legId);
    for (const waits of waiting.splice(0)) room.wire.send(waits);
    if (isFirst) {
      current.settle?.(null);
      if (current.ring) ring(current.ring === true ? undefined : current.ring);
    }
    // What was turned on or off while the join was on its way.
    mediaChanged();
    answerRecording(current, call);
  }

  /** The state shows a recording: only from this answer on it has what is sent here. */
  function answerRecording(current: Session, { recording, legs }: CallSnapshot): void {
    const order = legs.find(({ leg_id }) => leg_id === current.legId)?.order;
    const told = recording && `${recording.id} ${order}`;
    if (told === current.told) return;
    current.told = told;
    if (recording) send({ type: "call-told", recording: recording.id }, true);
  }

  function takeLeft({ leg_id, reason }: ServerFrameOf<"call-left">): void {
    if (session?.legId === leg_id) end({ reason, detail: LEFT[reason] });
  }

  function takeError(frame: ServerFrameOf<"call-error">): void {
    const { of, code, detail } = frame;
    if (of === "call-join" && session) {
      const isBack = session.call !== null;
      if (isBack && errorEntry(code).retry) {
        stopRetry();
        stopRetry = clock.after(RETRY_AFTER, () => {
          if (session) sendJoin(session);
        });
        return;
      }
      end({ reason: code === "call_ended" ? "ended" : "refused", code, detail });
      return;
    }
    // What the SDK says of its own accord is nothing that a person asked for.
    if (of === "call-signal" || of === "call-wants" || of === "call-ready" || of === "call-told") return;
    if (of === "call-media" && (code === "call_senders_full" || code === "call_server_away")) {
      // The voice goes on; the picture that found no place does not.
      const said = session?.call?.legs.find(({ leg_id }) => leg_id === session?.legId)?.media;
      if (!said?.video) media.setCamera(null);
      if (!said?.screen) media.setScreen(null);
      mediaChanged();
    }
    notify({ kind: "refused", code, detail });
  }

  function takeModeration({ action, by }: ServerFrameOf<"call-moderated">): void {
    if (action === "mute") media.setMuted(true);
    else if (action === "stop-video") media.setCamera(null);
    else if (action === "stop-screen") media.setScreen(null);
    mediaChanged();
    notify({ kind: "moderated", action, by, detail: MODERATED[action] ?? "" });
  }

  function takeReaction({ leg_id: legId, emoji }: ServerFrameOf<"call-reaction">): void {
    counter += 1;
    const id = counter;
    reactions = [...reactions, { id, legId, emoji }].slice(-REACTIONS);
    clock.after(REACTION_FOR, () => {
      reactions = reactions.filter((reaction) => reaction.id !== id);
      show();
    });
    show();
  }

  function receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "synced":
        if (session) session.isPlaced = false;
        // The link calls itself live right after this frame.
        queueMicrotask(() => {
          if (session && session.status !== "joining") sendJoin(session);
        });
        return;
      case "call-state":
        takeState(frame);
        return;
      case "call-waiting":
        if (session?.legId !== frame.leg_id) return;
        session.status = "waiting";
        session.callId = frame.call_id;
        session.settle?.(null);
        show();
        return;
      case "call-left":
        takeLeft(frame);
        return;
      case "call-signal":
        session?.engine.receive(frame.from, frame.signal);
        return;
      case "call-moderated":
        takeModeration(frame);
        return;
      case "call-reaction":
        takeReaction(frame);
        return;
      case "call-error":
        takeError(frame);
        return;
      default:
    }
  }

  /** Waits until the room's socket is there. */
  function whenRoomIsLive(): Promise<void> {
    if (room.state.status === "live") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = room.subscribe(() => {
        const { status, failure } = room.state;
        if (status !== "live" && status !== "closed") return;
        stop();
        cancel();
        if (status === "live") resolve();
        else reject(new ParlorError(failure?.code ?? "unavailable", failure?.detail));
      });
      const cancel = clock.after(JOIN_TIMEOUT, () => {
        stop();
        reject(new ParlorError("unavailable", UNREACHED));
      });
    });
  }

  /** Sends the join, and waits for what the server says. */
  async function enter(current: Session): Promise<void> {
    // Whoever has a socket is a member, and only members are told the servers.
    await whenRoomIsLive();
    // Without them a call still works in many networks.
    await fetchIceServers().catch(() => {});
    if (session !== current) throw new ParlorError("call_ended", LEFT.left);
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.after(JOIN_TIMEOUT, () =>
        current.settle?.(new ParlorError("unavailable", UNREACHED)),
      );
      current.settle = (error) => {
        current.settle = null;
        cancel();
        if (error) reject(error);
        else resolve();
      };
      if (!sendJoin(current)) current.settle(new ParlorError("unavailable", UNREACHED));
    });
  }

  function ring(userIds?: readonly string[]): void {
    send({ type: "call-ring", ...(userIds ? { user_ids: [...userIds] } : {}) });
  }

  function leave(): void {
    if (!session) return;
    room.wire.send({ type: "call-leave" });
    end({ reason: "left", detail: LEFT.left });
  }

  const stopListening = room.wire.listen(receive);
  const stopFollowing = room.subscribe(() => {
    if (room.state.status === "closed" && session)
      end({ reason: "left_room", detail: room.state.failure?.detail ?? LEFT.left_room });
    show();
  });
  const stopWatching = online.subscribe(() => {
    if (online.isOnline()) reconnectMedia();
  });
  const stopHiding = platform.onPageHide(leave);

  function reconnectMedia(): void {
    session?.engine.restart();
  }

  return {
    get state() {
      return state;
    },
    subscribe: listeners.subscribe,
    async join({ microphone = null, camera = null, isMuted = false, ring: wanted } = {}) {
      if (session || closing.signal.aborted) {
        microphone?.stop();
        camera?.stop();
        throw new ParlorError("rule_broken", "You are in this call already.");
      }
      media.setMicrophone(microphone);
      media.setCamera(camera);
      media.setMuted(isMuted);
      sentTracks = media.tracks;
      ending = null;
      const current = begin(wanted);
      session = current;
      show();
      try {
        await enter(current);
      } catch (cause) {
        const error = asParlorError(cause);
        // An answer that comes too late must not leave an empty place.
        room.wire.send({ type: "call-leave" });
        if (session === current) end({ reason: "refused", code: error.code, detail: error.message });
        throw error;
      }
    },
    leave,
    setMicrophone(track) {
      media.setMicrophone(track);
      mediaChanged();
    },
    setMuted(isMuted) {
      media.setMuted(isMuted);
      mediaChanged();
    },
    setCamera(track) {
      media.setCamera(track);
      mediaChanged();
    },
    setScreen(stream) {
      media.setScreen(stream);
      mediaChanged();
    },
    setView(legId, height) {
      if (height === null) views.delete(legId);
      else if (session?.call?.legs.some(({ leg_id }) => leg_id === legId)) views.set(legId, height);
      session?.engine.resize();
    },
    raiseHand: (raised) => send({ type: "call-hand", raised }),
    react: (emoji) => send({ type: "call-reaction", emoji }),
    ring,
    async decline() {
      await api.call("declineCall", { params, body: { user_id: userId } });
    },
    moderate: (action, target) =>
      send({ type: "call-moderate", action, ...(target === undefined ? {} : { target }) }),
    reconnectMedia,
    close() {
      leave();
      closing.abort();
      stopListening();
      stopFollowing();
      stopWatching();
      stopHiding();
      stopRetry();
    },
  };
}
