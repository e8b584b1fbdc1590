import { type CallLeg, type CallSnapshot, TIMING } from "@parlor/protocol";
import { createAllowance } from "./allowance.js";
import type { CallEngine, EngineOptions } from "./engine.js";
import { every } from "./every.js";
import { Pair } from "./pair.js";
import { type Heard, isSamePerson, personOf } from "./person.js";
import { loudnessOf } from "./platform.js";
import { createSpeaking } from "./speaking.js";
import { createStatsReader, qualityOf } from "./stats.js";
import type { CallPerson, PairStats, Quality } from "./types.js";
import { createVideoPlanner, encodingFor, type VideoPlan } from "./video-plan.js";

/** How often connections are looked at, and voices, in milliseconds. */
const LOOK_EVERY = 2_000;
const LISTEN_EVERY = 200;
/** What one other person may begin anew (connections, ways): so often at once, and again after so many milliseconds. */
const RENEWALS = 8;
const RENEWAL_EVERY = 4_000;

interface Member {
  leg: CallLeg;
  pair: Pair;
  /** The life of the call's state in which it was last seen. */
  epoch: string;
  readStats: ReturnType<typeof createStatsReader>;
  readonly planVideo: ReturnType<typeof createVideoPlanner>;
  readonly hears: ReturnType<typeof createSpeaking>;
  readonly mayRenew: () => boolean;
  plan: VideoPlan;
  stats: PairStats | null;
  quality: Quality;
  level: number;
  isSpeaking: boolean;
  shown: CallPerson | null;
}

/** Makes a mesh without anybody. */
export function createMesh(options: EngineOptions): CallEngine {
  const { platform, clock, tracks, send, onChange } = options;
  const members = new Map<string, Member>();
  let own: CallLeg | null = null;
  let epoch = "";
  let people: readonly CallPerson[] = [];
  let stopWaiting = () => {};
  let isClosed = false;

  function connect(leg: CallLeg, how: { remote: string | null; tries: number }): Pair {
    const legId = leg.leg_id;
    const pair: Pair = new Pair({
      platform,
      clock,
      configuration: options.configuration,
      ...how,
      isPolite: () => (own?.order ?? 0) > (members.get(legId)?.leg.order ?? leg.order),
      tracks,
      send: (signal) => send(legId, signal),
      // What is not allowed is not answered: an honest side tries again by itself.
      mayRenew: () => members.get(legId)?.mayRenew() ?? true,
      onChange: () => {
        if (members.get(legId)?.pair === pair) show();
      },
      onRenew({ signal, remote = null, offer }) {
        const member = members.get(legId);
        if (member?.pair !== pair) return;
        renew(member, { remote, tries: signal ? 0 : pair.tries });
        if (signal) member.pair.receive(signal, true);
        else if (offer) member.pair.begin();
        show();
      },
    });
    return pair;
  }

  function renew(member: Member, how: { remote: string | null; tries: number }): void {
    member.pair.close();
    member.pair = connect(member.leg, how);
    member.pair.allow(member.leg.media);
    member.readStats = createStatsReader();
  }

  function add(leg: CallLeg): void {
    const pair = connect(leg, { remote: null, tries: 0 });
    members.set(leg.leg_id, {
      leg,
      pair,
      epoch,
      readStats: createStatsReader(),
      planVideo: createVideoPlanner(),
      hears: createSpeaking(),
      mayRenew: createAllowance(clock, RENEWALS, RENEWAL_EVERY),
      plan: "full",
      stats: null,
      quality: null,
      level: 0,
      isSpeaking: false,
      shown: null,
    });
    pair.allow(leg.media);
    if ((own?.order ?? 0) > leg.order) pair.begin();
  }

  function drop(legId: string): void {
    members.get(legId)?.pair.close();
    members.delete(legId);
  }

  /** After a restart of the server the others come back one by one; who does not is gone. */
  function dropLate(): void {
    for (const [legId, member] of [...members]) if (member.epoch !== epoch) drop(legId);
    show();
  }

  function follow(call: CallSnapshot, you: string): void {
    const me = call.legs.find(({ leg_id }) => leg_id === you);
    if (!me) return;
    const isOtherLife = call.epoch !== epoch;
    // Taken for gone, the own leg came in anew: the others have closed their connections to it.
    if (!isOtherLife && own && own.order !== me.order) for (const legId of [...members.keys()]) drop(legId);
    if (isOtherLife && members.size > 0) {
      stopWaiting();
      stopWaiting = clock.after(TIMING.callGrace, dropLate);
    }
    own = me;
    epoch = call.epoch;
    const here = new Set(call.legs.map(({ leg_id }) => leg_id));
    for (const [legId, member] of [...members]) if (!here.has(legId) && member.epoch === epoch) drop(legId);
    for (const leg of call.legs) {
      if (leg.leg_id === you) continue;
      const member = members.get(leg.leg_id);
      const isOther = member !== undefined && member.epoch === epoch && member.leg.order !== leg.order;
      if (isOther) drop(leg.leg_id);
      if (!member || isOther) {
        add(leg);
        continue;
      }
      if (member.leg.media !== leg.media) member.pair.allow(leg.media);
      member.leg = leg;
      member.epoch = epoch;
    }
    // In the order of coming, those who are not back yet first.
    const sorted = [...members].sort(([, a], [, b]) => a.leg.order - b.leg.order);
    members.clear();
    for (const [legId, member] of sorted) members.set(legId, member);
    shape();
    show();
  }

  /** Tells the senders how much picture each person gets. */
  function shape(): void {
    for (const member of members.values())
      member.pair.shape({ camera: encodingFor(member.plan, members.size), screen: SCREEN });
  }

  async function look(member: Member): Promise<void> {
    const { pair } = member;
    const report = await pair.connection.getStats();
    if (isClosed || member.pair !== pair) return;
    const { stats, road } = member.readStats(report);
    member.stats = stats;
    member.quality = pair.status === "connected" ? qualityOf(stats) : null;
    const isSendingPicture = tracks().camera !== null;
    const plan = isSendingPicture && pair.status === "connected" ? member.planVideo(road) : member.plan;
    if (plan !== member.plan) {
      member.plan = plan;
      shape();
    }
  }

  function listen(): void {
    for (const member of members.values()) {
      const heard = member.leg.media.audio ? loudnessOf(member.pair.level) : 0;
      member.level = Math.round(heard * 20) / 20;
      member.isSpeaking = member.hears(heard, clock.now());
    }
    options.onListen();
    show();
  }

  function show(): void {
    if (isClosed) return;
    let isNew = members.size !== people.length;
    const next = [...members.values()].map((member, index) => {
      const person = personOf(member.leg, heardOf(member));
      if (!member.shown || !isSamePerson(member.shown, person)) member.shown = person;
      if (people[index] !== member.shown) isNew = true;
      return member.shown;
    });
    if (!isNew) return;
    people = next;
    onChange();
  }

  const stopLooking = every(clock, LOOK_EVERY, () => {
    const looks = [...members.values()].map((member) => look(member).catch(() => {}));
    void Promise.all(looks).then(show);
  });
  const stopListening = every(clock, LISTEN_EVERY, listen);

  return {
    follow,
    receive(from, signal) {
      members.get(from)?.pair.receive(signal);
    },
    update() {
      for (const { pair } of members.values()) pair.update();
      shape();
    },
    // Each sender chooses for itself what it sends to this tab.
    resize: () => {},
    flows: async (legId) => members.get(legId)?.pair.status === "connected",
    restart() {
      for (const { pair } of members.values()) pair.restart();
    },
    get people() {
      return people;
    },
    get isVideoHeldBack() {
      return [...members.values()].some(({ plan }) => plan === "off");
    },
    close() {
      isClosed = true;
      stopLooking();
      stopListening();
      stopWaiting();
      for (const { pair } of members.values()) pair.close();
      members.clear();
      people = [];
    },
  };
}

/** A shared screen: sharp rather than smooth. */
const SCREEN: Partial<RTCRtpEncodingParameters> = { maxBitrate: 1_500_000, maxFramerate: 15 };

function heardOf({ pair, level, isSpeaking, quality, stats }: Member): Heard {
  const { status, voice, camera, screen } = pair;
  return { status, quality, isSpeaking, level, voice, camera, screen, stats };
}
