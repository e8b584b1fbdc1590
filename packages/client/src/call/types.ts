import type {
  CallAction,
  CallGuest,
  CallInfo,
  CallLeftReason,
  CallMedia,
  CallMode,
  CallRecording,
  ErrorCode,
} from "@parlor/protocol";

/** Where this tab stands with the room's call. */
export type CallStatus =
  /** Not in it. */
  | "idle"
  /** The join is on its way. */
  | "joining"
  /** In the lobby: a moderator decides. */
  | "waiting"
  | "live"
  /** In it, but without the room's socket: media goes on, what others change is not known. */
  | "reconnecting"
  /** It was in it and is not any more; `CallState.ending` says why. `join()` tries again. */
  | "ended";

/** How the media of one other person is doing. */
export type PairStatus =
  /** The first connection is being made. */
  | "connecting"
  | "connected"
  /** It was lost; a new way is being looked for. */
  | "recovering"
  /** Several tries led nowhere; they go on, seldom. */
  | "failed";

/** From 0 (hardly usable) to 3 (good); `null` while nothing is known. */
export type Quality = 0 | 1 | 2 | 3 | null;

/** What was measured of one other person in the last second or two; `null` where nothing is known. */
export interface PairStats {
  /** Round trip, milliseconds. */
  readonly rtt: number | null;
  /** Share of packets that did not arrive here, and of ours there: from 0 to 1. */
  readonly lossIn: number | null;
  readonly lossOut: number | null;
  /** Decoded and sent pictures a second of the camera (of the screen while one is shared). */
  readonly fpsIn: number | null;
  readonly fpsOut: number | null;
  /** Bits a second. */
  readonly bitrateIn: number | null;
  readonly bitrateOut: number | null;
  readonly widthIn: number | null;
  readonly heightIn: number | null;
  /** Pictures decoded since the connection began. */
  readonly framesDecoded: number;
  /** What keeps our picture small: `none`, `cpu`, `bandwidth` or `other`. */
  readonly limitation: string | null;
  /** Whether the media goes over a TURN server. */
  readonly relayed: boolean | null;
}

/** Somebody else in the call: one tile. It is the same object until something about the person changes. */
export interface CallPerson {
  readonly legId: string;
  readonly userId: string;
  /** The name when they came; the newest one is in `RoomState.profiles`. */
  readonly username: string;
  readonly joinedAt: string;
  readonly isModerator: boolean;
  /** What they say that they send. */
  readonly media: CallMedia;
  /** The order in which hands were raised; `null`: down. */
  readonly hand: number | null;
  /** Their connection to the room is lost; they have a few seconds to come back. */
  readonly isAway: boolean;
  readonly status: PairStatus;
  readonly quality: Quality;
  readonly isSpeaking: boolean;
  /** Loudness of the voice, 0 to 1, about five times a second. */
  readonly level: number;
  /** Streams for `srcObject`; they keep their identity. `null` while nothing of the kind is sent. */
  readonly voice: MediaStream | null;
  readonly camera: MediaStream | null;
  /** The picture of a shared screen, with its sound where there is one. */
  readonly screen: MediaStream | null;
  readonly stats: PairStats | null;
}

/** This tab's own part. */
export interface CallSelf {
  readonly legId: string;
  readonly isModerator: boolean;
  /** What is sent to the others. */
  readonly media: CallMedia;
  readonly hasMicrophone: boolean;
  readonly isMuted: boolean;
  /** Own pictures, for a preview. */
  readonly camera: MediaStream | null;
  readonly screen: MediaStream | null;
  readonly hand: number | null;
  readonly isSpeaking: boolean;
  readonly level: number;
  /** Talks while muted; true for a few seconds after the last word. */
  readonly isTalkingMuted: boolean;
  /** The camera's picture is held back from some people so that the voice gets through. */
  readonly isVideoHeldBack: boolean;
}

/** An emoji that flies by, for about five seconds. */
export interface CallReaction {
  /** Different for each. */
  readonly id: number;
  readonly legId: string;
  readonly emoji: string;
}

/** Why this tab is not in the call any more. */
export interface CallEnding {
  readonly reason: CallLeftReason | "refused";
  /** With `refused`: the catalogue's error. */
  readonly code?: ErrorCode;
  /** In words, for a person. */
  readonly detail: string;
}

/** Something that a moderator did to this tab, or that was refused; shown once, for instance as a toast. */
export interface CallNotice {
  readonly id: number;
  readonly kind: "moderated" | "refused" | "media-stopped";
  readonly action?: CallAction;
  /** User id of the moderator. */
  readonly by?: string;
  readonly code?: ErrorCode;
  readonly detail: string;
}

/** Everything that the screens of a call show. A new object on every change; unchanged parts keep their identity. */
export interface CallState {
  readonly status: CallStatus;
  /** The room's call as everybody in the room sees it, also before joining; `null`: there is none. */
  readonly info: CallInfo | null;
  /** Whether the room's call rings for this user. */
  readonly isRinging: boolean;
  readonly ending: CallEnding | null;
  readonly me: CallSelf;
  /** The others, in the order of coming. Empty outside of the call. */
  readonly people: readonly CallPerson[];
  /** Who waits in the lobby; known to moderators. */
  readonly waiting: readonly CallGuest[];
  readonly mode: CallMode;
  readonly isLocked: boolean;
  readonly hasLobby: boolean;
  /** Who records the call, and since when; known before joining too. `null`: nobody. Show it wherever the call is shown. */
  readonly recording: CallRecording | null;
  /** Whether its moderators can have it recorded: `moderate("record")`. */
  readonly isRecordable: boolean;
  readonly startedAt: string | null;
  readonly reactions: readonly CallReaction[];
  /** The newest thing to tell; its `id` grows. */
  readonly notice: CallNotice | null;
}

/** What a join brings. The tracks belong to the call from then on: it stops them when they are replaced or it ends. */
export interface JoinOptions {
  /** `null` or absent: listen only. */
  readonly microphone?: MediaStreamTrack | null | undefined;
  readonly camera?: MediaStreamTrack | null | undefined;
  readonly isMuted?: boolean | undefined;
  /** Rings these members, or with `true` everybody in the room (at most 32), once it is live. */
  readonly ring?: readonly string[] | true | undefined;
}

/** The room's call as an application uses it: one state, a few verbs. It lives as long as its room's client. */
export interface CallClient {
  readonly state: CallState;
  /** Calls back after changes, gathered; answers how to stop. */
  subscribe(listener: () => void): () => void;
  /**
   * Comes into the room's call, or begins one. Resolves when it is live or waits in the lobby; throws a `ParlorError`
   * (`call_full`, `call_locked`, `call_removed`, `unavailable` …), and the tracks are stopped.
   */
  join(options?: JoinOptions): Promise<void>;
  leave(): void;
  /** Sends another microphone's track instead, without a new connection; `null`: none. */
  setMicrophone(track: MediaStreamTrack | null): void;
  /** Mutes: nothing is sent, the track stays open. */
  setMuted(isMuted: boolean): void;
  /** Sends a camera's track, or another one; `null` turns it off. Throws `call_senders_full` where that is known. */
  setCamera(track: MediaStreamTrack | null): void;
  /** Shares a stream of `getDisplayMedia`; `null` stops. It also stops when the browser's own button ends the track. */
  setScreen(stream: MediaStream | null): void;
  /**
   * Tells how tall somebody's camera is shown, in pixels of the screen, so that a media server sends no larger picture than
   * that is worth; `null`: not known.
   */
  setView(legId: string, height: number | null): void;
  raiseHand(isRaised: boolean): void;
  react(emoji: string): void;
  /** Rings members, or everybody in the room (at most 32). */
  ring(userIds?: readonly string[]): void;
  /** Declines the call that rings. */
  decline(): Promise<void>;
  /** For moderators; a refusal comes as a notice. */
  moderate(action: CallAction, legId?: string): void;
  /** Looks for new ways to everybody now: a button for "the picture hangs". */
  reconnectMedia(): void;
  /** Leaves, and lets go of the room. */
  close(): void;
}
