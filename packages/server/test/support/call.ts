import { randomUUID } from "node:crypto";
import {
  type CallMedia,
  type CallSignal,
  type CallSnapshot,
  LIMITS,
  type ServerFrameOf,
} from "@parlor/protocol";
import { makeGuest, newName, type Person, type Socket } from "./client.js";
import { openResumed } from "./room.js";

/** Nothing is sent. */
export const SILENT: CallMedia = { audio: false, video: false, screen: false };
/** A voice and a camera. */
export const SEEN: CallMedia = { audio: true, video: true, screen: false };

/** A tab that speaks the frames of calls, without any media. */
export interface Tab {
  readonly person: Person;
  readonly legId: string;
  socket: Socket;
  /** Comes into the room's call, or back into one; answers the state. */
  join(fields?: { call_id?: string; media?: CallMedia }): Promise<CallSnapshot>;
  /** The next state that fits. */
  state(fits?: (call: CallSnapshot) => boolean): Promise<CallSnapshot>;
  /** The next refusal. */
  refusal(): Promise<ServerFrameOf<"call-error">>;
  send(frame: { type: string; [field: string]: unknown }): void;
  /** Opens another socket in place of the one that is lost. */
  reopen(): Promise<void>;
}

/** A server, by its addresses. */
type Addresses = Parameters<typeof openResumed>[0] & Parameters<typeof makeGuest>[0];

/** A guest of their own with a tab in a room. */
export async function openTab(server: Addresses, room: string, who: Person | string): Promise<Tab> {
  const person = typeof who === "string" ? await makeGuest(server, who) : who;
  const open = () => openResumed(server, room, { user: person.id, cookie: person.cookie });
  const legId = randomUUID();
  const tab: Tab = {
    person,
    legId,
    socket: await open(),
    async join({ call_id, media = SILENT } = {}) {
      tab.send({ type: "call-join", leg_id: legId, media, ...(call_id ? { call_id } : {}) });
      return await tab.state((call) => call.legs.some(({ leg_id }) => leg_id === legId));
    },
    async state(fits = () => true) {
      return (await tab.socket.next("call-state", ({ call }) => fits(call))).call;
    },
    refusal: () => tab.socket.next("call-error"),
    send: (frame) => tab.socket.send(frame),
    async reopen() {
      tab.socket = await open();
    },
  };
  return tab;
}

/** Tabs that say that they have a camera bring a room's call to its media server, and leave. */
export async function promote(server: Addresses, room: string): Promise<void> {
  const tabs: Tab[] = [];
  for (let n = 0; n <= LIMITS.callSenders; n += 1) {
    const tab = await openTab(server, room, newName("camera"));
    tabs.push(tab);
    await tab.join({ media: SEEN });
  }
  await tabs[0]?.state(({ mode }) => mode === "janus");
  for (const tab of tabs) {
    tab.send({ type: "call-leave" });
    await tab.socket.next("call-left");
    await tab.socket.close();
  }
}

/** A signal as a browser makes it, of about so many bytes. */
export function offer(bytes = 100): CallSignal {
  const sdp = "v=0".padEnd(bytes, "x");
  return { pair: randomUUID(), to_pair: null, description: { type: "offer", sdp } };
}
