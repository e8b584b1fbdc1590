import { ParlorError, type ServerFrame, type ServerFrameOf } from "@parlor/protocol";
import { createListeners } from "../listeners.js";
import type { RoomClient } from "../room-client.js";
import type { Broadcast } from "../types.js";
import { browserPlatform, type CallPlatform } from "./platform.js";

/** Viewers of one broadcast: each gets a copy of its own. Beyond them nobody is answered. */
const VIEWERS = 16;
/** Candidates that wait for their description. */
const WAITING = 100;
/** A broadcast that is not seen after so long is asked for again. */
const STALLED_AFTER = 10_000;

/** What a screen shows of a room's broadcasts. */
export interface BroadcastsState {
  /** Who broadcasts, this user too. */
  readonly live: readonly Broadcast[];
  /** What is being watched; `stream` is `null` until its pictures come. */
  readonly watching: { readonly userId: string; readonly stream: MediaStream | null } | null;
  /** The own broadcast. */
  readonly own: MediaStream | null;
  /** Who watches the own broadcast, at most 16. */
  readonly viewers: number;
}

/** Broadcasts in the way of the first front ends: one person shows, the others watch. */
export interface BroadcastsClient {
  readonly state: BroadcastsState;
  subscribe(listener: () => void): () => void;
  /** Watches somebody's broadcast, in place of another one. */
  watch(userId: string): void;
  stopWatching(): void;
  /** Shows a stream to everybody in the room who wants to see it. Its tracks belong to the broadcast from then on. */
  start(stream: MediaStream): void;
  stop(): void;
  close(): void;
}

/** What the first front ends call a signal. */
interface Signal {
  readonly type?: unknown;
  readonly sdp?: unknown;
  readonly candidate?: unknown;
}

interface Link {
  readonly connection: RTCPeerConnection;
  waiting: RTCIceCandidateInit[];
  work: Promise<void>;
}

/** Opens the broadcasts of a room. The viewer makes the offer, the broadcaster answers, with no later offers. */
export function openBroadcasts(
  room: RoomClient,
  options: { readonly platform?: CallPlatform | undefined } = {},
): BroadcastsClient {
  const platform = options.platform ?? browserPlatform();
  const { api, userId: ownId, clock } = room.wire;
  const params = { room_id: room.state.roomId };
  const listeners = createListeners();
  const viewers = new Map<string, Link>();
  let watched: { readonly userId: string; link: Link | null; stream: MediaStream | null } | null = null;
  let own: MediaStream | null = null;
  let stopTimer = () => {};
  let state = makeState();

  function makeState(): BroadcastsState {
    return {
      live: room.state.broadcasts,
      watching: watched && { userId: watched.userId, stream: watched.stream },
      own,
      viewers: viewers.size,
    };
  }

  function show(): void {
    state = makeState();
    listeners.notify();
  }

  function send(userId: string, signal: object): void {
    room.wire.send({ type: "webrtc-signal", target_user_id: userId, signal: { ...signal } });
  }

  async function connect(userId: string): Promise<Link> {
    // Without the servers it still works in many networks.
    const query = { user_id: ownId };
    const answer = await api.call("getIceServers", { params, query }).catch(() => null);
    const iceServers = (answer?.ice_servers ?? []).map(({ urls, username = "", credential = "" }) => ({
      urls,
      username,
      credential,
    }));
    const connection = platform.createConnection({ iceServers });
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) send(userId, { type: "ice-candidate", candidate: candidate.toJSON() });
    };
    return { connection, waiting: [], work: Promise.resolve() };
  }

  function enqueue(link: Link, step: () => Promise<void>): void {
    // What the browser refuses is left: the viewer asks anew.
    link.work = link.work.then(step).catch(() => {});
  }

  async function addCandidate({ connection, waiting }: Link, candidate: RTCIceCandidateInit): Promise<void> {
    if (connection.remoteDescription) await connection.addIceCandidate(candidate);
    else if (waiting.length < WAITING) waiting.push(candidate);
  }

  async function setRemote(link: Link, description: RTCSessionDescriptionInit): Promise<void> {
    await link.connection.setRemoteDescription(description);
    for (const candidate of link.waiting.splice(0)) await addCandidate(link, candidate);
  }

  async function ask(userId: string): Promise<void> {
    const current = watched;
    const link = await connect(userId);
    if (!current || watched !== current) {
      link.connection.close();
      return;
    }
    current.link?.connection.close();
    current.link = link;
    const stream = platform.createStream();
    link.connection.ontrack = ({ track }) => {
      stream.addTrack(track);
      current.stream = stream;
      show();
    };
    link.connection.onconnectionstatechange = () => {
      const { connectionState } = link.connection;
      if (connectionState === "connected") stopTimer();
      else if (connectionState === "failed") again(0);
    };
    again(STALLED_AFTER);
    for (const kind of ["video", "audio"] as const)
      link.connection.addTransceiver(kind, { direction: "recvonly" });
    enqueue(link, async () => {
      const offer = await link.connection.createOffer();
      await link.connection.setLocalDescription(offer);
      send(userId, { type: "offer", sdp: { type: "offer", sdp: offer.sdp } });
    });
  }

  /** Asks for the pictures once more, as long as they are live. */
  function again(after: number): void {
    stopTimer();
    stopTimer = clock.after(after, () => {
      if (watched && isLive(watched.userId)) void ask(watched.userId);
    });
  }

  function isLive(userId: string): boolean {
    return room.state.broadcasts.some(({ user_id }) => user_id === userId);
  }

  async function answer(userId: string, description: RTCSessionDescriptionInit): Promise<void> {
    const stream = own;
    if (!stream || (viewers.size >= VIEWERS && !viewers.has(userId))) return;
    viewers.get(userId)?.connection.close();
    const link = await connect(userId);
    if (own !== stream) {
      link.connection.close();
      return;
    }
    viewers.set(userId, link);
    link.connection.onconnectionstatechange = () => {
      const { connectionState } = link.connection;
      if (viewers.get(userId) !== link || !["failed", "closed"].includes(connectionState)) return;
      drop(userId);
      show();
    };
    for (const track of stream.getTracks()) link.connection.addTrack(track, stream);
    show();
    enqueue(link, async () => {
      await setRemote(link, description);
      const made = await link.connection.createAnswer();
      await link.connection.setLocalDescription(made);
      send(userId, { type: "answer", sdp: { type: "answer", sdp: made.sdp } });
    });
  }

  function drop(userId: string): void {
    viewers.get(userId)?.connection.close();
    viewers.delete(userId);
  }

  function takeSignal({ from_user_id: from, signal }: ServerFrameOf<"webrtc-signal">): void {
    if (typeof signal !== "object" || signal === null || from === ownId) return;
    const { type, sdp, candidate } = signal as Signal;
    const watching = watched?.userId === from ? watched.link : null;
    const viewing = viewers.get(from) ?? null;
    if (type === "offer" && isDescription(sdp, "offer")) {
      void answer(from, sdp);
    } else if (type === "answer" && isDescription(sdp, "answer") && watching) {
      enqueue(watching, () => setRemote(watching, sdp));
    } else if (type === "ice-candidate" && typeof candidate === "object" && candidate !== null) {
      // The one who watches and is watched by the same person cannot tell which it is for: it fits only one.
      for (const link of [watching, viewing])
        if (link) enqueue(link, () => addCandidate(link, candidate as RTCIceCandidateInit));
    }
  }

  function receive(frame: ServerFrame): void {
    if (frame.type === "webrtc-signal") takeSignal(frame);
    else if (frame.type === "user_left") drop(frame.user_id);
    else if (frame.type === "synced" && own)
      queueMicrotask(() => own && room.wire.send({ type: "broadcast-started" }));
    else if (frame.type === "broadcast-started" && watched?.userId === frame.user_id) void ask(frame.user_id);
    else if (frame.type === "broadcast-stopped" && watched?.userId === frame.user_id) stopWatching();
  }

  function stopWatching(): void {
    stopTimer();
    watched?.link?.connection.close();
    watched = null;
    show();
  }

  function stop(): void {
    const stream = own;
    if (!stream) return;
    own = null;
    room.wire.send({ type: "broadcast-stopped" });
    for (const track of stream.getTracks()) track.stop();
    for (const userId of [...viewers.keys()]) drop(userId);
    show();
  }

  const stopListening = room.wire.listen(receive);
  const stopFollowing = room.subscribe(() => {
    if (state.live !== room.state.broadcasts) show();
  });

  return {
    get state() {
      return state;
    },
    subscribe: listeners.subscribe,
    watch(userId) {
      if (userId === ownId) throw new ParlorError("rule_broken", "This is your own broadcast.");
      stopWatching();
      watched = { userId, link: null, stream: null };
      show();
      void ask(userId);
    },
    stopWatching,
    start(stream) {
      stop();
      own = stream;
      for (const track of stream.getTracks())
        track.addEventListener("ended", () => {
          if (own === stream && stream.getTracks().every(({ readyState }) => readyState === "ended")) stop();
        });
      room.wire.send({ type: "broadcast-started" });
      show();
    },
    stop,
    close() {
      stop();
      stopWatching();
      stopListening();
      stopFollowing();
    },
  };
}

function isDescription(value: unknown, type: RTCSdpType): value is RTCSessionDescriptionInit {
  if (typeof value !== "object" || value === null) return false;
  const { sdp, type: own } = value as { sdp?: unknown; type?: unknown };
  return typeof sdp === "string" && own === type;
}
