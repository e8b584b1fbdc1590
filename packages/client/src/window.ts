import type { Message } from "@parlor/protocol";
import type { MessagePage } from "./api.js";
import { Draft } from "./draft.js";
import { ceilingOf, type Deletion, floorOf, isOtherEpoch, type RoomModel, trimmed } from "./model.js";
import { mergeProfiles, profileOfAuthor } from "./profiles.js";

/** The room opened anew at its newest page: nothing of an older life stays, except what is unsent and the profiles. */
export function applyFreshPage(model: RoomModel, page: MessagePage): RoomModel {
  const messages = [...page.messages].sort((a, b) => a.seq - b.seq);
  return {
    ...model,
    messages,
    hasOlder: goesOn(messages),
    hasNewer: false,
    newestSeq: messages.at(-1)?.seq ?? 0,
    loaded: true,
    restored: false,
    cursor: page.nextAfter,
    epoch: page.epoch,
    strays: new Map(),
    paging: false,
    heading: "down",
    profiles: mergeProfiles(model.profiles, page.messages.map(profileOfAuthor)),
  };
}

/** The state while a page is under way: what happens outside of the window is noted from now on. */
export function beginPage(model: RoomModel): RoomModel {
  const [floor, ceiling] = [floorOf(model), ceilingOf(model)];
  const left = [...model.strays].filter(([seq]) => seq >= floor && seq <= ceiling);
  return { ...model, paging: true, strays: left.length === model.strays.size ? model.strays : new Map(left) };
}

/** The state after a page that did not come. */
export function endPage(model: RoomModel): RoomModel {
  return model.paging ? { ...model, paging: false } : model;
}

/** A page that was asked with `before`. One that would leave a hole, or is of another life, changes nothing. */
export function applyOlderPage(model: RoomModel, page: MessagePage & { readonly before: number }): RoomModel {
  const isApart = page.before < floorOf(model) || page.before > ceilingOf(model) + 1;
  if (isApart || isOtherEpoch(model, page.epoch)) return endPage(model);
  const hasOlder = model.hasOlder && goesOn(page.messages);
  const first = page.messages[0]?.seq ?? page.before;
  // The page is contiguous: from its first message on, nothing is a stray any more.
  const floor = hasOlder ? Math.min(first, floorOf(model)) : 0;
  const draft = new Draft({ ...model, heading: "up" }, floor, ceilingOf(model));
  for (const message of page.messages) draft.put(message);
  draft.takeStrays();
  return endPage(trimmed({ ...draft.done(), hasOlder }));
}

/** A page that was asked with `from`. One that would leave a hole, or is of another life, changes nothing. */
export function applyNewerPage(model: RoomModel, page: MessagePage & { readonly from: number }): RoomModel {
  const isApart = page.from > ceilingOf(model) + 1 || page.from <= floorOf(model);
  if (isApart || isOtherEpoch(model, page.epoch)) return endPage(model);
  const last = page.messages.at(-1)?.seq ?? page.from - 1;
  // A page can be short because its messages are long: only an empty one reaches the end, as it was when the page was
  // read; what came since then was noted.
  const hasNewer = model.hasNewer && page.messages.length > 0;
  const ceiling = hasNewer ? Math.max(last, ceilingOf(model)) : Number.POSITIVE_INFINITY;
  const draft = new Draft({ ...model, heading: "down" }, floorOf(model), ceiling);
  for (const message of page.messages) draft.put(message);
  draft.takeStrays();
  return endPage(trimmed({ ...draft.done(), hasNewer }));
}

/** Another part of the history in place of the loaded one: after a jump. `page` says where it ends. */
export function applyWindow(
  model: RoomModel,
  page: MessagePage & { readonly hasOlder: boolean; readonly hasNewer: boolean },
): RoomModel {
  if (isOtherEpoch(model, page.epoch)) return endPage(model);
  const { hasOlder, hasNewer } = page;
  // What was loaded may be newer than what the page says: it counts as noted.
  const strays = new Map<number, Message | Deletion>(model.strays);
  for (const message of model.messages) {
    if ((strays.get(message.seq)?.updated_seq ?? 0) < message.updated_seq) strays.set(message.seq, message);
  }
  const floor = hasOlder ? (page.messages[0]?.seq ?? 0) : 0;
  const ceiling = hasNewer ? (page.messages.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
  const heading = hasNewer ? "up" : "down";
  const draft = new Draft({ ...model, messages: [], strays, heading }, floor, ceiling);
  for (const message of page.messages) draft.put(message);
  // Above the page's first message everything is in it; below its last one only what came since it was read is missing.
  if (!hasNewer) draft.takeStrays((page.messages.at(-1)?.seq ?? 0) + 1);
  return endPage({ ...draft.done(), hasOlder, hasNewer, strays: new Map() });
}

/** How an answer to `around` ends: where the number's half has a message, only an empty page after it says that none follow. */
export function endsOfAround(
  messages: readonly Message[],
  around: number,
): { hasOlder: boolean; hasNewer: boolean } {
  return { hasOlder: goesOn(messages), hasNewer: (messages.at(-1)?.seq ?? 0) >= around };
}

/** Whether there are messages before these: a room's first one has the number 1, and stays as a tombstone. */
export function goesOn(messages: readonly Message[]): boolean {
  return (messages[0]?.seq ?? 1) > 1;
}
