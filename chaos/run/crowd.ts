import { createApi, createMemoryOutbox, type OutboxStore } from "@parlor/client";
import type { Ledger } from "../participants/ledger.js";
import type { Identity, Participant } from "../participants/person.js";
import { RawParticipant } from "../participants/raw.js";
import { createSdkParticipant } from "../participants/sdk.js";
import type { NetworkFaultKind } from "../proxy/fault.js";
import { ClientNetwork } from "../proxy/network.js";
import type { Random } from "../random.js";
import type { Person, Plan } from "../schedule/plan.js";

/** A participant with the network that it is behind. */
export interface Seat {
  readonly person: Participant;
  readonly network: ClientNetwork;
}

/** What the crowd tells of itself. */
export interface CrowdEvents {
  readonly onHit: (seat: number, kind: NetworkFaultKind, label: string) => void;
  readonly onTrace: (what: string, details: object) => void;
  readonly onState: (name: string, newest: number, isContiguous: boolean) => void;
}

/** Makes rooms, users and participants, each behind a proxy of its own; nobody is connected yet. */
export async function seatCrowd(
  plan: Plan,
  url: string,
  random: Random,
  ledger: Ledger,
  events: CrowdEvents,
): Promise<Seat[]> {
  const api = createApi({ url });
  const rooms: string[] = [];
  for (let index = 0; index < plan.rooms; index++) {
    const { id } = await api.call("createRoom", { body: { name: `Room ${index + 1}` } });
    rooms.push(id);
  }
  const seats: Seat[] = [];
  let browser: { identity: Identity; outbox: OutboxStore } | null = null;
  for (const [index, person] of plan.people.entries()) {
    const lost = new Set<string>();
    const network = await ClientNetwork.start(random.fork(`network ${person.name}`), (kind, label) => {
      if (kind === "drop-frame") lost.add(label);
      events.onHit(index, kind, label);
    });
    if (browser === null || person.kind !== "tab") {
      browser = { identity: await makeIdentity(url, person), outbox: createMemoryOutbox() };
    }
    const common = {
      name: person.name,
      room: rooms[person.room] ?? "",
      url: network.url,
      identity: browser.identity,
      ledger,
    };
    seats.push({
      network,
      person:
        person.kind === "raw"
          ? new RawParticipant(common)
          : createSdkParticipant({
              ...common,
              outbox: browser.outbox,
              hasSockets: person.kind !== "poller",
              random: random.fork(`jitter ${person.name}`).next,
              lostFrames: (label) => lost.has(label),
              trace: (what, details) => events.onTrace(what, { who: person.name, ...details }),
              onState: (newest, isContiguous) => events.onState(person.name, newest, isContiguous),
            }),
    });
  }
  return seats;
}

/** A guest; a client of the seeds that knows no cookie leaves its user open. */
async function makeIdentity(url: string, { name, kind }: Person): Promise<Identity> {
  const body = { username: name, want_token: kind !== "raw" };
  const user = await createApi({ url }).call("createUser", { body });
  return { id: user.id, name, token: user.token ?? "" };
}
