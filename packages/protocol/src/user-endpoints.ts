import * as z from "zod/mini";
import { AvatarHealth, AvatarUploaded } from "./avatar.js";
import { actErrors, endpoint, limit, userId } from "./endpoint.js";
import type { ErrorCode } from "./errors.js";
import { Id } from "./ids.js";
import {
  Login,
  MagicLinkRequest,
  MagicLinkSignedIn,
  MagicLinkVerify,
  PasswordUpdate,
  ProfileUpdate,
  ProfileUpdated,
  SignedIn,
  Signup,
  User,
  UserCreate,
  UserCreated,
} from "./user.js";

const ok = z.looseObject({ success: z.boolean() });
const avatarErrors: ErrorCode[] = [
  "user_not_found",
  "session_required",
  "not_your_identity",
  "body_too_large",
  "not_a_picture",
  "rule_broken",
];

/** Routes of users, their pictures and their sessions. */
export const userEndpoints = {
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
    query: z.object({ limit, before: z.optional(Id) }),
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
};
