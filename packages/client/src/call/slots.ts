import { CALL_SLOTS, type CallSlot } from "@parlor/protocol";

/** The places of a connection, in the order of its descriptions (docs/PROTOCOL.md, "Calls"). */
export const SLOTS = CALL_SLOTS;

/** One of {@link SLOTS}. */
export type Slot = CallSlot;

/** What is sent in each place; `null`: nothing. */
export type Tracks = Readonly<Record<Slot, MediaStreamTrack | null>>;

/** What kind of track goes into a place. */
export function kindOf(slot: Slot): "audio" | "video" {
  return slot === "voice" || slot === "sound" ? "audio" : "video";
}
