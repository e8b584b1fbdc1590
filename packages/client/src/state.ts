import type { CallInfo, Message, PresentUser, Profile, ServerFrame, ServerFrameOf } from "@parlor/protocol";
import type { MessagePage } from "./api.js";
import { Draft } from "./draft.js";
import { withPresence } from "./here.js";
import { ceilingOf, floorOf, isOtherEpoch, type RoomModel, trimmed } from "./model.js";
import { isNews, mergeProfiles } from "./profiles.js";
import { mergeReceipts } from "./receipts.js";

/** How long "is typing" stays without news: a little longer than the server lets it. */
export const TYPING_EXPIRY = 8_000;

/** What changed after the cursor, asked with `after`: moves the cursor to where the answer is complete. */
export function applyChanges(model: RoomModel, page: MessagePage): RoomModel {
  if (isOtherEpoch(model, page.epoch)) return model;
  const next = withCursor(applyMessages(model, page.messages), page.nextAfter);
  return next.epoch === null && page.epoch !== null ? { ...next, epoch: page.epoch } : next;
}

/** Newest states of messages that came outside of the order, as answers to own requests: the cursor stays. */
export function applyMessages(model: RoomModel, messages: readonly Message[]): RoomModel {
  if (messages.length === 0) return model;
  const draft = new Draft(model, floorOf(model), ceilingOf(model));
  for (const message of messages) draft.put(message);
  return trimmed(draft.done());
}

/**
 * Frames of the log that a replay brought. They do not move the cursor: that is the matter of `progress` and `synced`,
 * which tell how many there should have been.
 */
export function applyReplayed(model: RoomModel, frames: readonly ServerFrame[], now: number): RoomModel {
  const draft = new Draft(model, floorOf(model), ceilingOf(model));
  for (const frame of frames) {
    if (frame.type === "message") draft.put(frame);
    else if (frame.type === "message_updated") draft.put(frame.message);
    else if (frame.type === "message_deleted") draft.remove(frame, now);
  }
  return trimmed(draft.done());
}

/** The state after a frame. Pure: the same frames in any order, and any of them twice, give the same messages. */
export function applyFrame(model: RoomModel, frame: ServerFrame, now: number): RoomModel {
  switch (frame.type) {
    case "welcome":
      return {
        ...model,
        epoch: frame.epoch,
        online: frame.online ?? model.online,
        call: frame.call,
        // Those who are live are told after the replay.
        broadcasts: [],
        profiles: mergeProfiles(model.profiles, frame.profiles),
      };
    case "message": {
      const { repeat, ...message } = frame;
      const next = withoutTyping(applyMessages(model, [message]), [message.user_id]);
      // A repeat answers this socket alone, outside of the order.
      return repeat ? next : withCursor(next, message.updated_seq);
    }
    case "message_updated":
      return withCursor(applyMessages(model, [frame.message]), frame.message.updated_seq);
    case "message_deleted": {
      const draft = new Draft(model, floorOf(model), ceilingOf(model));
      draft.remove(frame, now);
      return withCursor(draft.done(), frame.updated_seq);
    }
    case "synced":
    case "progress":
      return withCursor(model, frame.head_seq);
    case "presence": {
      const { joined, left } = frame;
      return withPeople(withoutTyping(model, left), joined, left);
    }
    case "user_joined": {
      const { user_id, username, avatar_url, profile_rev = 0 } = frame;
      return withPeople(model, [{ user_id, username, avatar_url, profile_rev }], []);
    }
    case "user_left":
      return withPeople(withoutTyping(model, [frame.user_id]), [], [frame.user_id]);
    case "typing_start":
      if (frame.user_id === model.userId) return model;
      return withTyping(model, new Map(model.typingUntil).set(frame.user_id, now + TYPING_EXPIRY));
    case "typing_stop":
      return withoutTyping(model, [frame.user_id]);
    case "receipt":
      return { ...model, receipts: mergeReceipts(model.receipts, frame.receipts, model.userId) };
    case "profile_updated":
    case "avatar_updated":
      return { ...model, profiles: mergeProfiles(model.profiles, [profileOf(frame)]) };
    case "call-info":
      return isNewerCall(model.call, frame.call) ? { ...model, call: frame.call } : model;
    case "active-broadcasts":
      return { ...model, broadcasts: frame.broadcasters };
    case "broadcast-started": {
      const { user_id, username, timestamp: started_at } = frame;
      const others = model.broadcasts.filter((broadcast) => broadcast.user_id !== user_id);
      return { ...model, broadcasts: [...others, { user_id, username, started_at }] };
    }
    case "broadcast-stopped":
      return { ...model, broadcasts: model.broadcasts.filter(({ user_id }) => user_id !== frame.user_id) };
    default:
      return model;
  }
}

/** Whether what is told of the room's call is newer than what is known: `rev` counts within an `epoch`. */
function isNewerCall(known: CallInfo | null, told: CallInfo | null): boolean {
  return !known || !told || known.epoch !== told.epoch || told.rev > known.rev;
}

/** The state after "is typing" of those who went silent has ended. */
export function expireTyping(model: RoomModel, now: number): RoomModel {
  const left = [...model.typingUntil].filter(([, until]) => until > now);
  return left.length === model.typingUntil.size ? model : withTyping(model, new Map(left));
}

/** The `updated_seq` that a frame takes in the room's order; `null` for one that takes none. */
export function numberOf(frame: ServerFrame): number | null {
  if (frame.type === "message") return frame.repeat ? null : frame.updated_seq;
  if (frame.type === "message_updated") return frame.message.updated_seq;
  return frame.type === "message_deleted" ? frame.updated_seq : null;
}

function withCursor(model: RoomModel, cursor: number): RoomModel {
  return cursor > model.cursor ? { ...model, cursor } : model;
}

function withTyping(model: RoomModel, typingUntil: ReadonlyMap<string, number>): RoomModel {
  const same = typingUntil.size === model.typing.length && model.typing.every((id) => typingUntil.has(id));
  return { ...model, typingUntil, typing: same ? model.typing : [...typingUntil.keys()] };
}

function withoutTyping(model: RoomModel, userIds: readonly string[]): RoomModel {
  if (model.typingUntil.size === 0 || !userIds.some((id) => model.typingUntil.has(id))) return model;
  const typingUntil = new Map(model.typingUntil);
  for (const id of userIds) typingUntil.delete(id);
  return withTyping(model, typingUntil);
}

/** The state after some left and some came. Most of those who come to a large room are known: it costs them two look-ups. */
function withPeople(model: RoomModel, joined: readonly PresentUser[], left: readonly string[]): RoomModel {
  const news: Profile[] = [];
  const came: string[] = [];
  for (const user of joined) {
    came.push(user.user_id);
    if (isNews(user, model.profiles.get(user.user_id))) news.push({ ...user, avatar_urls: null });
  }
  const online = withPresence(model.online, came, left);
  const profiles = mergeProfiles(model.profiles, news);
  return online === model.online && profiles === model.profiles ? model : { ...model, online, profiles };
}

function profileOf(frame: ServerFrameOf<"profile_updated" | "avatar_updated">): Profile {
  const { type, room_id, timestamp, prevUsername, avatar, bio, ...profile } = frame;
  return profile;
}
