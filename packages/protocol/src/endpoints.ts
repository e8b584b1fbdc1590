import * as z from "zod/mini";
import { AvatarHealth, AvatarUploaded } from "./avatar.js";
import type { ErrorCode } from "./errors.js";
import { AssistantHealth, Debug, Health, Root } from "./health.js";
import { ClientId, Id, RoomId } from "./ids.js";
import { LIMITS } from "./limits.js";
import { Emoji, Message, MessageCreate, MessageEdit } from "./message.js";
import { Room, RoomCreate, RoomJoin, RoomJoined, RoomPassword, RoomPasswordVerified } from "./room.js";
import { text, wholeNumber } from "./text.js";
import {
  Login,
  MagicLinkRequest,
  MagicLinkSignedIn,
  MagicLinkVerify,
  PasswordUpdate,
  Profile,
  ProfileUpdate,
  ProfileUpdated,
  SignedIn,
  Signup,
  User,
  UserCreate,
  UserCreated,
} from "./user.js";

/** HTTP methods that Parlor's routes use. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One route of the contract: what it takes, what it answers, which errors it has beside the general ones. */
export interface Endpoint<
  P extends z.ZodMiniType = z.ZodMiniType,
  Q extends z.ZodMiniType = z.ZodMiniType,
  B extends z.ZodMiniType = z.ZodMiniType,
  R extends z.ZodMiniType = z.ZodMiniType,
> {
  readonly method: Method;
  /** Path with `{name}` for parameters. */
  readonly path: string;
  /** Older paths of the same route. */
  readonly aliases: readonly { readonly method: Method; readonly path: string }[];
  readonly tag: string;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  /** `null`: no body. `multipart`: described in {@link multipart}, read by the route itself. */
  readonly body: B | null;
  readonly multipart: readonly string[] | null;
  readonly reply: R;
  readonly errors: readonly ErrorCode[];
}

const none = z.object({});
type None = typeof none;

function endpoint<
  P extends z.ZodMiniType = None,
  Q extends z.ZodMiniType = None,
  B extends z.ZodMiniType = None,
  R extends z.ZodMiniType = z.ZodMiniType,
>(
  spec: { method: Method; path: string; tag: string; summary: string; reply: R } & Partial<
    Endpoint<P, Q, B, R>
  >,
): Endpoint<P, Q, B, R> {
  return {
    aliases: [],
    // The defaults stand in for type parameters that the caller left out, which TypeScript cannot see here.
    params: none as unknown as P,
    query: none as unknown as Q,
    body: null,
    multipart: null,
    errors: [],
    ...spec,
  };
}

const userId = z.object({ user_id: Id });
const roomId = z.object({ room_id: RoomId });
const messageId = z.object({ room_id: RoomId, message_id: Id });

/** `limit` of a list: clamped to 1..1000; not a number is 422. */
const limit = z.optional(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,16}$/, "must be a whole number")),
    z.transform((value: string) => Math.min(LIMITS.historyMax, Math.max(1, Number(value)))),
  ),
);

/** `wait` in seconds: above 30 it is clamped, zero and below mean not to wait. */
const wait = z.optional(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,10}(\.\d{1,6})?$/, "must be a number of seconds")),
    z.transform((value: string) => Math.min(LIMITS.waitSeconds, Math.max(0, Number(value)))),
  ),
);

const page = z.object({ limit, before: z.optional(Id) });
const ok = z.looseObject({ success: z.boolean() });
const avatarErrors: ErrorCode[] = [
  "user_not_found",
  "session_required",
  "not_your_identity",
  "body_too_large",
  "not_a_picture",
  "rule_broken",
];
const actErrors: ErrorCode[] = ["session_required", "not_your_identity"];
const roomErrors: ErrorCode[] = ["room_not_found", "password_required", "banned", ...actErrors];
const unavailableFeature = z.looseObject({ detail: z.string() });

/** Every REST route of Parlor. Server, client and `/openapi.json` are made from this table. */
export const endpoints = {
  root: endpoint({ method: "GET", path: "/", tag: "status", summary: "Tell what this is", reply: Root }),
  health: endpoint({
    method: "GET",
    path: "/health",
    tag: "status",
    summary: "Tell whether the server can work, with live counts",
    reply: Health,
    errors: ["unavailable"],
  }),
  debug: endpoint({
    method: "GET",
    path: "/_debug",
    tag: "status",
    summary: "Tell the environment, nothing secret",
    reply: Debug,
  }),

  createUser: endpoint({
    method: "POST",
    path: "/users",
    tag: "users",
    summary: "Make a guest with a name",
    body: UserCreate,
    reply: UserCreated,
    errors: ["name_taken"],
  }),
  listUsers: endpoint({
    method: "GET",
    path: "/users",
    tag: "users",
    summary: "List users, the newest first",
    query: page,
    reply: z.array(User),
  }),
  getUser: endpoint({
    method: "GET",
    path: "/users/{user_id}",
    tag: "users",
    summary: "Read a profile",
    params: userId,
    reply: User,
    errors: ["user_not_found"],
  }),
  updateProfile: endpoint({
    method: "PUT",
    path: "/users/{user_id}/profile",
    tag: "users",
    summary: "Change a profile; only what is given changes",
    params: userId,
    body: ProfileUpdate,
    reply: ProfileUpdated,
    errors: ["user_not_found", "name_taken", "rule_broken", ...actErrors],
  }),
  setPassword: endpoint({
    method: "PUT",
    path: "/users/{user_id}/password",
    tag: "users",
    summary: "Set or change a password; a guest becomes an account",
    params: userId,
    body: PasswordUpdate,
    reply: ok,
    errors: ["user_not_found", "name_taken", "rule_broken", "wrong_password", ...actErrors],
  }),

  uploadAvatar: endpoint({
    method: "PUT",
    path: "/users/{user_id}/avatar",
    aliases: [
      { method: "POST", path: "/avatars/upload/{user_id}" },
      { method: "POST", path: "/users/{user_id}/avatar" },
    ],
    tag: "avatars",
    summary: "Upload an avatar: four sizes, or one picture as `file` or `avatar`",
    params: userId,
    multipart: ["thumbnail", "small", "medium", "large", "file", "avatar"],
    reply: AvatarUploaded,
    errors: avatarErrors,
  }),
  deleteAvatar: endpoint({
    method: "DELETE",
    path: "/avatars/delete/{user_id}",
    aliases: [{ method: "DELETE", path: "/users/{user_id}/avatar" }],
    tag: "avatars",
    summary: "Remove an avatar",
    params: userId,
    reply: z.object({ success: z.boolean(), message: z.string() }),
    errors: ["user_not_found", ...actErrors],
  }),
  avatarHealth: endpoint({
    method: "GET",
    path: "/avatars/health",
    tag: "avatars",
    summary: "Tell where avatars are kept",
    reply: AvatarHealth,
  }),

  signup: endpoint({
    method: "POST",
    path: "/auth/signup",
    tag: "auth",
    summary: "Make an account with a password",
    body: Signup,
    reply: SignedIn,
    errors: ["name_taken", "rule_broken"],
  }),
  login: endpoint({
    method: "POST",
    path: "/auth/login",
    tag: "auth",
    summary: "Sign in with a password",
    body: Login,
    reply: SignedIn,
    errors: ["wrong_login"],
  }),
  me: endpoint({
    method: "GET",
    path: "/auth/me",
    tag: "auth",
    summary: "Read the account that is signed in",
    reply: User,
    errors: ["session_required"],
  }),
  logout: endpoint({
    method: "POST",
    path: "/auth/logout",
    tag: "auth",
    summary: "End the account's session on this device",
    reply: ok,
  }),
  requestMagicLink: endpoint({
    method: "POST",
    path: "/auth/magic-link/request",
    tag: "auth",
    summary: "Send a sign-in link by mail",
    body: MagicLinkRequest,
    reply: ok,
    errors: ["no_mailer"],
  }),
  verifyMagicLink: endpoint({
    method: "POST",
    path: "/auth/magic-link/verify",
    tag: "auth",
    summary: "Sign in with the token of a link",
    body: MagicLinkVerify,
    reply: MagicLinkSignedIn,
    errors: ["link_invalid"],
  }),

  createRoom: endpoint({
    method: "POST",
    path: "/rooms",
    tag: "rooms",
    summary: "Make a room",
    body: RoomCreate,
    reply: Room,
    errors: ["not_your_identity", "rule_broken"],
  }),
  listRooms: endpoint({
    method: "GET",
    path: "/rooms",
    tag: "rooms",
    summary: "List public and password rooms, the newest first",
    query: z.object({ category: z.optional(text({ max: 100 })), limit, before: z.optional(Id) }),
    reply: z.array(Room),
  }),
  getRoom: endpoint({
    method: "GET",
    path: "/rooms/{room_id}",
    tag: "rooms",
    summary: "Read a room",
    params: roomId,
    reply: Room,
    errors: ["room_not_found"],
  }),
  joinRoom: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/join",
    aliases: [{ method: "POST", path: "/{room_id}/join" }],
    tag: "rooms",
    summary: "Join a room; an unknown user is registered",
    params: roomId,
    body: RoomJoin,
    reply: RoomJoined,
    errors: roomErrors,
  }),
  verifyRoomPassword: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/verify-password",
    tag: "rooms",
    summary: "Open a password room for this device",
    params: roomId,
    body: RoomPassword,
    reply: RoomPasswordVerified,
    errors: ["room_not_found", "wrong_room_password"],
  }),
  listProfiles: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/profiles",
    tag: "rooms",
    summary: "Profiles of a room's members that changed after a `profile_rev`, by `profile_rev`",
    params: roomId,
    query: z.object({ after: z.optional(wholeNumber), limit }),
    reply: z.array(Profile),
    errors: ["room_not_found", "password_required", "forbidden"],
  }),

  listMessages: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/messages",
    tag: "messages",
    summary: "Read the newest messages, a page before a number, or what changed after one",
    params: roomId,
    query: z.object({
      limit,
      before: z.optional(wholeNumber),
      after: z.optional(wholeNumber),
      epoch: z.optional(z.string().check(z.maxLength(100))),
      wait,
    }),
    reply: z.array(Message),
    errors: ["password_required", "forbidden", "cursor_reset", "overloaded"],
  }),
  postMessage: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/messages",
    tag: "messages",
    summary: "Store and publish a message; answered after its commit",
    params: roomId,
    body: MessageCreate,
    reply: Message,
    errors: [...roomErrors, "blank_content", "content_too_long", "unavailable", "overloaded"],
  }),
  editMessage: endpoint({
    method: "PATCH",
    path: "/rooms/{room_id}/messages/{message_id}",
    tag: "messages",
    summary: "Edit one's own message",
    params: messageId,
    body: MessageEdit,
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden", "blank_content", "content_too_long"],
  }),
  deleteMessage: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/messages/{message_id}",
    tag: "messages",
    summary: "Delete a message; its author and the room's host may",
    params: messageId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden"],
  }),
  addReaction: endpoint({
    method: "PUT",
    path: "/rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
    tag: "messages",
    summary: "React to a message",
    params: z.object({ room_id: RoomId, message_id: Id, emoji: Emoji }),
    body: z.object({ user_id: z.optional(z.nullable(Id)) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "reaction_limit"],
  }),
  removeReaction: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
    tag: "messages",
    summary: "Take a reaction back",
    params: z.object({ room_id: RoomId, message_id: Id, emoji: Emoji }),
    query: z.object({ user_id: z.optional(Id) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found"],
  }),

  listLiveStreams: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/live-streams",
    tag: "video",
    summary: "List live streams",
    params: roomId,
    reply: z.array(z.looseObject({ id: z.string() })),
  }),
  createLiveStream: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/live-stream",
    tag: "video",
    summary: "Start a live stream (no provider is set up)",
    params: roomId,
    body: z.object({ title: z.optional(z.nullable(text({ max: 500 }))) }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  listVideos: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/videos",
    tag: "video",
    summary: "List uploaded videos",
    params: roomId,
    reply: z.array(z.looseObject({ id: z.string() })),
  }),
  createVideoUpload: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/video-upload",
    tag: "video",
    summary: "Prepare a video upload (no provider is set up)",
    params: roomId,
    body: z.object({
      title: z.optional(z.nullable(text({ max: 500 }))),
      description: z.optional(z.nullable(text({ max: 5_000 }))),
    }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),

  assistantChat: endpoint({
    method: "POST",
    path: "/api/v1/chat",
    tag: "assistant",
    summary: "Ask the assistant (no key is set up)",
    body: z.looseObject({ message: z.string() }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantStreamChat: endpoint({
    method: "POST",
    path: "/ai/stream/chat",
    tag: "assistant",
    summary: "Ask the assistant, answered as a stream (no key is set up)",
    body: z.looseObject({ messages: z.array(z.unknown()) }),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantStreamGenerate: endpoint({
    method: "POST",
    path: "/ai/stream/generate",
    tag: "assistant",
    summary: "Let the assistant write, answered as a stream (no key is set up)",
    body: z.looseObject({}),
    reply: unavailableFeature,
    errors: ["not_configured"],
  }),
  assistantHealth: endpoint({
    method: "GET",
    path: "/ai/health",
    aliases: [{ method: "GET", path: "/api/v1/chat/health" }],
    tag: "assistant",
    summary: "Tell whether the assistant is set up",
    reply: AssistantHealth,
  }),
};

/** Name of a route in the table. */
export type EndpointName = keyof typeof endpoints;

/** The header by which a client names a message of its own, as an alternative to `client_id` in the body. */
export const IDEMPOTENCY_HEADER = "idempotency-key";
export { ClientId };
