import { CALL_SERVER, type CallLayer, type CallLeg } from "@parlor/protocol";
import type { CallEngine, EngineOptions } from "../engine.js";
import { every } from "../every.js";
import { type Heard, isSamePerson, personOf } from "../person.js";
import { loudnessOf } from "../platform.js";
import { createSpeaking } from "../speaking.js";
import { createStatsReader, type Measured, qualityOf } from "../stats.js";
import type { CallPerson, PairStats, Quality } from "../types.js";
import { createVideoPlanner, type VideoPlan } from "../video-plan.js";
import { Downlink } from "./downlink.js";
import { layerFor } from "./layers.js";
import { reportOf } from "./report.js";
import { Uplink } from "./uplink.js";

/** How often connections are looked at, and voices, in milliseconds. */
const LOOK_EVERY = 2_000;
const LISTEN_EVERY = 200;
/** What changes about sizes is gathered for so long, in milliseconds. */
const RESIZE_AFTER = 400;
/** A connection that was refused several times is made anew after so long, each time later. */
const RENEW_AFTER = 1_000;
const RENEW_LATEST = 8_000;

interface Member {
  leg: CallLeg;
  readonly hears: ReturnType<typeof createSpeaking>;
  readStats: ReturnType<typeof createStatsReader>;
  stats: PairStats | null;
  quality: Quality;
  level: number;
  isSpeaking: boolean;
  shown: CallPerson | null;
}

/** Media over a server: one connection that sends, once for everybody, and one for all that is received. */
export function createServed(options: EngineOptions): CallEngine {
  const { clock, tracks, onChange } = options;
  const members = new Map<string, Member>();
  const readUplink = createStatsReader();
  const readDownlink = createStatsReader();
  const planUp = createVideoPlanner();
  const planDown = createVideoPlanner();
  const told = new Map<string, CallLayer>();
  let own: CallLeg | null = null;
  let people: readonly CallPerson[] = [];
  let plans: { up: VideoPlan; down: VideoPlan } = { up: "full", down: "full" };
  let uplink: Uplink | null = null;
  let downlink: Downlink | null = null;
  const stopRenewal = { up: () => {}, down: () => {} };
  let isResizing = false;
  let stopResizing = () => {};
  let isClosed = false;

  const shared = {
    ...options,
    onChange: () => show(),
    mediaOf: (legId: string) => members.get(legId)?.leg.media ?? null,
    plan: () => plans.up,
  };

  function openUplink(tries = 0): void {
    const made: Uplink = new Uplink({
      ...shared,
      tries,
      onRenew: () => {
        if (uplink !== made) return;
        made.close();
        stopRenewal.up();
        stopRenewal.up = clock.after(waitFor(made.tries), () => openUplink(made.tries + 1));
      },
    });
    uplink = made;
    made.begin();
  }

  function openDownlink(tries = 0): void {
    const made: Downlink = new Downlink({
      ...shared,
      tries,
      onRenew: () => {
        if (downlink !== made) return;
        made.close();
        stopRenewal.down();
        stopRenewal.down = clock.after(waitFor(made.tries), () => openDownlink(made.tries + 1));
      },
    });
    downlink = made;
    made.begin();
  }

  /** Begins with both connections, or anew where the server has let go of them. */
  function open(): void {
    stopRenewal.up();
    stopRenewal.down();
    uplink?.close();
    downlink?.close();
    told.clear();
    openUplink();
    openDownlink();
  }

  function follow(call: Parameters<CallEngine["follow"]>[0], you: string): void {
    const me = call.legs.find(({ leg_id }) => leg_id === you);
    if (!me) return;
    const isAnew = own !== null && own.order !== me.order;
    const isFirst = own === null;
    own = me;
    const here = new Set(call.legs.map(({ leg_id }) => leg_id));
    for (const legId of members.keys()) if (!here.has(legId)) members.delete(legId);
    const before = [...members.values()];
    members.clear();
    for (const leg of call.legs) {
      if (leg.leg_id === you) continue;
      const known = before.find((member) => member.leg.leg_id === leg.leg_id);
      members.set(leg.leg_id, known ? Object.assign(known, { leg }) : memberOf(leg));
    }
    if (isFirst || isAnew) open();
    downlink?.collect();
    resize();
    show();
  }

  /** Sizes change in bursts, while a window is drawn larger or people come and go. */
  function resize(): void {
    if (isResizing || isClosed) return;
    isResizing = true;
    stopResizing = clock.after(RESIZE_AFTER, () => {
      isResizing = false;
      sayWants();
    });
  }

  /** Tells the server the sizes of cameras that are worth it. */
  function sayWants(): void {
    const layers = [...members.values()].flatMap(({ leg: { leg_id, media } }) => {
      const layer = layerFor(options.viewOf(leg_id), members.size, plans.down);
      if (!media.video || told.get(leg_id) === layer) return [];
      told.set(leg_id, layer);
      return [{ leg_id, layer }];
    });
    for (const legId of told.keys()) if (!members.has(legId)) told.delete(legId);
    if (layers.length > 0) options.want(layers);
  }

  async function look(): Promise<void> {
    const [up, down] = [uplink, downlink];
    if (!up || !down) return;
    const [sent, received] = await Promise.all([up.connection.getStats(), down.connection.getStats()]);
    if (isClosed || up !== uplink || down !== downlink) return;
    const [mine, all] = [readUplink(sent), readDownlink(received)];
    for (const [legId, member] of members) {
      const trackIds = Object.values(down.receiversOf(legId) ?? {}).map(({ track }) => track.id);
      member.stats = { ...member.readStats(reportOf(received, trackIds)).stats, ...outOf(mine) };
      member.quality = down.status === "connected" ? qualityOf(member.stats) : null;
    }
    const next = {
      up: tracks().camera && up.status === "connected" ? planUp(mine.road) : plans.up,
      down:
        down.status === "connected"
          ? planDown({ available: null, loss: all.stats.lossIn, rtt: all.road.rtt })
          : plans.down,
    };
    const isOther = next.up !== plans.up;
    plans = next;
    if (isOther) up.update();
    resize();
    show();
  }

  function listen(): void {
    for (const [legId, member] of members) {
      const [source] = downlink?.receiversOf(legId)?.voice?.getSynchronizationSources() ?? [];
      const heard = member.leg.media.audio ? loudnessOf(source?.audioLevel ?? 0) : 0;
      member.level = Math.round(heard * 20) / 20;
      member.isSpeaking = member.hears(heard, clock.now());
    }
    options.onListen();
    show();
  }

  function heardOf(member: Member, from: Downlink): Heard {
    const { level, isSpeaking, quality, stats } = member;
    const { leg_id } = member.leg;
    const { voice, camera, screen } = from.streamsOf(leg_id);
    const isThere = from.receiversOf(leg_id) !== null;
    const status = from.status === "connected" && !isThere ? "connecting" : from.status;
    return { status, quality, isSpeaking, level, voice, camera, screen, stats };
  }

  function show(): void {
    const from = downlink;
    if (isClosed || !from) return;
    const next = [...members.values()].map((member) => {
      const person = personOf(member.leg, heardOf(member, from));
      if (!member.shown || !isSamePerson(member.shown, person)) member.shown = person;
      return member.shown;
    });
    if (next.length === people.length && next.every((person, index) => person === people[index])) return;
    people = next;
    onChange();
  }

  const stopLooking = every(clock, LOOK_EVERY, () => void look().catch(() => {}));
  const stopListening = every(clock, LISTEN_EVERY, listen);

  return {
    follow,
    receive(from, signal) {
      if (from === CALL_SERVER.sends) uplink?.receive(signal);
      else if (from === CALL_SERVER.receives) downlink?.receive(signal);
    },
    update: () => uplink?.update(),
    resize,
    restart() {
      uplink?.restart();
      downlink?.restart();
    },
    async flows(legId) {
      const media = members.get(legId)?.leg.media;
      const mine = downlink?.receiversOf(legId);
      if (!media || !mine || downlink?.status !== "connected") return false;
      if (media.audio && mine.voice?.track.muted !== false) return false;
      const pictures = [media.video ? [mine.camera] : [], media.screen ? [mine.screen] : []].flat();
      const seen = await Promise.all(pictures.map(async (receiver) => receiver && isDecoded(receiver)));
      return seen.every(Boolean);
    },
    get people() {
      return people;
    },
    get isVideoHeldBack() {
      return plans.up === "off";
    },
    close() {
      isClosed = true;
      stopLooking();
      stopListening();
      stopResizing();
      stopRenewal.up();
      stopRenewal.down();
      uplink?.close();
      downlink?.close();
      members.clear();
      people = [];
    },
  };
}

function memberOf(leg: CallLeg): Member {
  return {
    leg,
    hears: createSpeaking(),
    readStats: createStatsReader(),
    stats: null,
    quality: null,
    level: 0,
    isSpeaking: false,
    shown: null,
  };
}

/** What is sent is the same for everybody. */
function outOf({ stats: { lossOut, fpsOut, bitrateOut, limitation } }: Measured) {
  return { lossOut, fpsOut, bitrateOut, limitation };
}

async function isDecoded(receiver: RTCRtpReceiver): Promise<boolean> {
  let frames = 0;
  (await receiver.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry.type === "inbound-rtp") frames += Number(entry.framesDecoded ?? 0);
  });
  return frames > 0;
}

/** The first new connection at once, later ones later. */
function waitFor(tries: number): number {
  return tries === 0 ? 0 : Math.min(RENEW_LATEST, RENEW_AFTER * 2 ** (tries - 1));
}
