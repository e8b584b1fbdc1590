import {
  type BroadcastsClient,
  browserPlatform,
  type CallClient,
  createApi,
  openBroadcasts,
  openCall,
  openRoom,
  type RoomClient,
} from "@parlor/client";
import type { CallAction, ClientFrame } from "@parlor/protocol";
import type { Caller, JoinAs, SeenCall, SeenPerson } from "./call-page.js";
import { openSeedTab, type SeedTab } from "./seed-broadcast.js";

/** What is small enough for a test: the machine encodes it once for each other person. */
const VIDEO = { width: 320, height: 180, frameRate: 10 };
/** Large enough for two sizes. */
const LARGER = { width: 640, height: 360, frameRate: 10 };

interface CallPage {
  enter(roomId: string, username: string): Promise<string>;
  join(how: JoinAs): Promise<void>;
  act(verb: Parameters<Caller["act"]>[0]): Promise<void>;
  moderate(action: CallAction, legId: string | undefined): void;
  setView(legId: string, height: number | null): void;
  /** The longest time without a new picture of somebody's camera, within so many milliseconds. */
  longestGap(legId: string, milliseconds: number): Promise<number>;
  /** Waits for the first picture of anybody; joins before, and answers the milliseconds from there. */
  firstPicture(): Promise<void>;
  joinUntilPicture(): Promise<number>;
  /** Sends any frame over the room's socket, as a client that keeps no rule. */
  send(frames: ClientFrame[]): void;
  /** How many connections the SDK has made. */
  made(): number;
  look(): Promise<SeenCall>;
  /** Broadcasts, or watches somebody's broadcast; `seed`: as the first front ends do. */
  broadcast(as: "seed" | "sdk"): Promise<void>;
  watch(as: "seed" | "sdk", userId: string): Promise<void>;
  stopBroadcast(): void;
  /** Whom the SDK knows to broadcast, and pictures of the broadcast that is watched. */
  broadcasts(): Promise<{ live: string[]; viewers: number; frames: number }>;
}

declare global {
  interface Window {
    callPage: CallPage;
  }
}

const api = createApi({ url: "" });
/** Open connections, newest last: a test looks deeper than the SDK tells. */
const connections = new Map<MediaStreamTrack, RTCPeerConnection>();
const open: RTCPeerConnection[] = [];
let forced: Partial<RTCConfiguration> = {};
let room: RoomClient | null = null;
let call: CallClient | null = null;
let broadcasts: BroadcastsClient | null = null;
let seed: SeedTab | null = null;
let me = { roomId: "", id: "", username: "" };

const platform = {
  ...browserPlatform(),
  createConnection(configuration: RTCConfiguration) {
    const connection = new RTCPeerConnection({ ...configuration, ...forced });
    open.push(connection);
    connection.addEventListener("track", ({ track }) => connections.set(track, connection));
    return connection;
  },
};

function theCall(): CallClient {
  if (!call) throw new Error("nobody entered");
  return call;
}

async function cameraTrack(video = VIDEO): Promise<MediaStreamTrack | null> {
  return (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks()[0] ?? null;
}

async function microphoneTrack(): Promise<MediaStreamTrack | null> {
  return (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0] ?? null;
}

/** Plays whatever comes, as a screen would: what nobody plays is not decoded for long. */
function play(): void {
  for (const person of theCall().state.people) {
    for (const kind of ["voice", "camera", "screen"] as const) {
      const stream = person[kind];
      const id = `${person.legId}-${kind}`;
      const known = document.getElementById(id) as HTMLVideoElement | null;
      if (!stream) {
        known?.remove();
        continue;
      }
      const element =
        known ?? Object.assign(document.createElement("video"), { id, autoplay: true, playsInline: true });
      if (!known) document.body.append(element);
      element.muted = kind !== "voice";
      if (element.srcObject !== stream) element.srcObject = stream;
    }
  }
}

/** The tracks that each person's streams held last, and where they came from, also while nothing of the kind is shown. */
const lastConnections = new Map<string, RTCPeerConnection>();
const lastTracks = new Map<string, { voice?: string; camera?: string; screen?: string }>();

async function counters(legId: string, connection: RTCPeerConnection) {
  const counts = { camera: 0, screen: 0, voicePackets: 0, cameraHeight: 0, iceUfrag: null as string | null };
  const last = lastTracks.get(legId) ?? {};
  (await connection.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry.type !== "inbound-rtp") return;
    const frames = Number(entry.framesDecoded ?? 0);
    if (entry.trackIdentifier === last.voice) counts.voicePackets += Number(entry.packetsReceived ?? 0);
    if (entry.trackIdentifier === last.screen) counts.screen += frames;
    if (entry.trackIdentifier !== last.camera) return;
    counts.camera += frames;
    counts.cameraHeight = Number(entry.frameHeight ?? 0);
  });
  counts.iceUfrag = /a=ice-ufrag:(\S+)/.exec(connection.localDescription?.sdp ?? "")?.[1] ?? null;
  return counts;
}

async function seen(person: CallClient["state"]["people"][number]): Promise<SeenPerson> {
  const { userId, legId, status, media, isAway, isSpeaking, stats } = person;
  const tracks = [person.voice, person.camera, person.screen].flatMap((stream) => stream?.getTracks() ?? []);
  const found = tracks.map((track) => connections.get(track)).find((one) => one !== undefined);
  const connection = found ?? lastConnections.get(legId);
  if (connection) lastConnections.set(legId, connection);
  const last = { ...lastTracks.get(legId) };
  for (const kind of ["voice", "camera", "screen"] as const) {
    const [track] = person[kind]?.getTracks().filter((one) => kind === "voice" || one.kind === "video") ?? [];
    if (track) last[kind] = track.id;
  }
  lastTracks.set(legId, last);
  const counts = connection
    ? await counters(legId, connection)
    : { camera: 0, screen: 0, voicePackets: 0, cameraHeight: 0, iceUfrag: null };
  return {
    userId,
    legId,
    status,
    media,
    isAway,
    isSpeaking,
    hasStreams: { voice: !!person.voice, camera: !!person.camera, screen: !!person.screen },
    relayed: stats?.relayed ?? null,
    ...counts,
  };
}

async function pictures(legId: string): Promise<number> {
  const person = theCall().state.people.find((one) => one.legId === legId);
  return person ? (await seen(person)).camera : 0;
}

window.callPage = {
  async enter(roomId, username) {
    const { id } = await api.call("createUser", { body: { username } });
    room = openRoom({ url: "", roomId, userId: id, api });
    call = openCall(room, { platform });
    call.subscribe(play);
    me = { roomId, id, username };
    broadcasts = openBroadcasts(room, { platform });
    return id;
  },
  async join({ camera = true, microphone = true, isLarger = false, relayOnly = false, iceServers }) {
    forced = {
      ...(relayOnly ? { iceTransportPolicy: "relay" } : {}),
      ...(iceServers ? { iceServers } : {}),
    };
    await theCall().join({
      camera: camera ? await cameraTrack(isLarger ? LARGER : VIDEO) : null,
      microphone: microphone ? await microphoneTrack() : null,
    });
  },
  async act(verb) {
    const one = theCall();
    if (verb === "leave") one.leave();
    else if (verb === "mute") one.setMuted(true);
    else if (verb === "unmute") one.setMuted(false);
    else if (verb === "camera-off") one.setCamera(null);
    else if (verb === "camera-on") one.setCamera(await cameraTrack());
    else if (verb === "share") one.setScreen(await navigator.mediaDevices.getDisplayMedia());
    else if (verb === "unshare") one.setScreen(null);
    else one.reconnectMedia();
  },
  moderate: (action, legId) => theCall().moderate(action, legId),
  setView: (legId, height) => theCall().setView(legId, height),
  async longestGap(legId, milliseconds) {
    const end = performance.now() + milliseconds;
    let [before, at, longest] = [await pictures(legId), performance.now(), 0];
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = await pictures(legId);
      // Those of another connection count anew.
      if (now === before) continue;
      longest = Math.max(longest, performance.now() - at);
      [before, at] = [now, performance.now()];
    }
    return Math.max(longest, performance.now() - at);
  },
  async firstPicture() {
    const one = theCall();
    for (;;) {
      for (const { legId } of one.state.people) if ((await pictures(legId)) > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
  async joinUntilPicture() {
    const began = performance.now();
    await window.callPage.join({});
    await window.callPage.firstPicture();
    return performance.now() - began;
  },
  send(frames) {
    for (const frame of frames) room?.wire.send(frame);
  },
  made: () => open.length,
  async broadcast(as) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: VIDEO, audio: true });
    if (as === "sdk") broadcasts?.start(stream);
    else seed = await openSeedTab(me.roomId, me.id, me.username, stream);
  },
  async watch(as, userId) {
    if (as === "sdk") broadcasts?.watch(userId);
    else seed = await openSeedTab(me.roomId, me.id, me.username, null);
  },
  stopBroadcast: () => broadcasts?.stop(),
  async broadcasts() {
    const { live = [], watching, viewers = 0 } = broadcasts?.state ?? {};
    const connection = watching?.stream?.getTracks().map((track) => connections.get(track))[0];
    const frames = seed ? await seed.frames() : 0;
    const video = document.getElementById("watched") as HTMLVideoElement | null;
    if (watching?.stream && !video) {
      const made = Object.assign(document.createElement("video"), {
        id: "watched",
        autoplay: true,
        muted: true,
      });
      made.srcObject = watching.stream;
      document.body.append(made);
    }
    let decoded = frames;
    (await connection?.getStats())?.forEach((entry: Record<string, unknown>) => {
      if (entry.type === "inbound-rtp") decoded += Number(entry.framesDecoded ?? 0);
    });
    return { live: live.map(({ user_id }) => user_id), viewers, frames: decoded };
  },
  async look() {
    const { status, mode, me, people, ending, notice, recording } = theCall().state;
    return {
      status,
      mode,
      connections: open.filter(({ connectionState }) => connectionState === "connected").length,
      roomStatus: room?.state.status ?? "",
      legId: me.legId,
      media: me.media,
      isMuted: me.isMuted,
      isSpeaking: me.isSpeaking,
      ending: ending?.reason ?? null,
      notice: notice?.action ?? notice?.code ?? null,
      recordedBy: recording?.by ?? null,
      people: await Promise.all(people.map(seen)),
    };
  },
};
