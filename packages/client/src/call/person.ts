import type { CallLeg } from "@parlor/protocol";
import { isSameMedia } from "./same.js";
import type { CallPerson } from "./types.js";

/** What is known of somebody beside what the state says. */
export type Heard = Pick<
  CallPerson,
  "status" | "quality" | "isSpeaking" | "level" | "voice" | "camera" | "screen" | "stats"
>;

/** Somebody as the application sees them; streams only of what they may send. */
export function personOf(leg: CallLeg, heard: Heard): CallPerson {
  const { media } = leg;
  return {
    legId: leg.leg_id,
    userId: leg.user_id,
    username: leg.username,
    joinedAt: leg.joined_at,
    isModerator: leg.moderator,
    media,
    hand: leg.hand,
    isAway: leg.away,
    ...heard,
    voice: media.audio ? heard.voice : null,
    camera: media.video ? heard.camera : null,
    screen: media.screen ? heard.screen : null,
  };
}

/** Whether nothing about somebody changed. */
export function isSamePerson(a: CallPerson, b: CallPerson): boolean {
  return (Object.keys(a) as (keyof CallPerson)[]).every((key) =>
    key === "media" ? isSameMedia(a.media, b.media) : Object.is(a[key], b[key]),
  );
}
