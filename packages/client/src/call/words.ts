import { ERRORS } from "@parlor/protocol";

/** The server did not answer a join. */
export const UNREACHED = "The call can not be reached. Check the connection and try again.";

/** What was taken away from the call. */
export const STOPPED = {
  camera: "The camera was taken away. Choose another one to be seen again.",
  screen: "Your screen is not shared any more.",
  microphone: "The microphone was taken away. Choose another one to be heard again.",
} as const;

/** Why one is out. */
export const LEFT = {
  left: "You left the call.",
  removed: ERRORS.call_removed.detail,
  denied: "You were not let into this call.",
  replaced: "This call goes on in another window.",
  left_room: "You are not in this room any more.",
  expired: "The connection was lost for too long. Join again.",
  ended: ERRORS.call_ended.detail,
} as const;

/** What a moderator did. */
export const MODERATED: Readonly<Record<string, string>> = {
  mute: "A moderator muted you.",
  "stop-video": "A moderator turned your camera off.",
  "stop-screen": "A moderator stopped your screen.",
  "lower-hand": "A moderator lowered your hand.",
};
