import type { Profile } from "@parlor/protocol";
import { HISTORY_LIMIT, type RoomSnapshot } from "./history.js";
import type { RoomModel } from "./model.js";
import { mergeProfiles } from "./profiles.js";

/**
 * What of a room's state is kept for the next visit; `null` while it does not reach the newest message. Authors of kept
 * messages come before other profiles.
 */
export function takeSnapshot(model: RoomModel, profilesAfter: number | null): RoomSnapshot | null {
  if (!model.loaded || model.hasNewer) return null;
  let units = 0;
  let first = model.messages.length;
  while (first > 0 && model.messages.length - first < HISTORY_LIMIT.messages) {
    units += model.messages[first - 1]?.content.length ?? 0;
    if (units > HISTORY_LIMIT.units && first < model.messages.length) break;
    first -= 1;
  }
  const messages = model.messages.slice(first);
  const authors = new Set(messages.map(({ user_id }) => user_id));
  const others = [...model.profiles.keys()].filter((id) => !authors.has(id));
  const profiles = [...authors, ...others]
    .slice(0, HISTORY_LIMIT.profiles)
    .map((id) => model.profiles.get(id))
    .filter((profile): profile is Profile => profile !== undefined);
  const { cursor, epoch } = model;
  return { messages, hasOlder: model.hasOlder || first > 0, cursor, epoch, profiles, profilesAfter };
}

/** A room as it was on an earlier visit, to go on from there: it counts as loaded, and as restored. */
export function restoreSnapshot(model: RoomModel, snapshot: RoomSnapshot): RoomModel {
  const { messages, hasOlder, cursor, epoch } = snapshot;
  return {
    ...model,
    messages,
    hasOlder,
    hasNewer: false,
    newestSeq: messages.at(-1)?.seq ?? 0,
    loaded: true,
    restored: true,
    cursor,
    epoch,
    profiles: mergeProfiles(model.profiles, snapshot.profiles),
  };
}
