import * as z from "zod/mini";
import { AvatarUrls } from "./avatar.js";
import { LIMITS } from "./limits.js";
import { label, text } from "./text.js";

/** Fields of a profile that the seeds' front end keeps and Parlor only stores. An empty text clears one. */
export const PROFILE_EXTRAS = [
  "accent_color",
  "banner_color",
  "name_font",
  "bio_font",
  "about_font",
  "about_text",
  "banner_media_url",
  "banner_media_type",
  "profile_video_url",
  "profile_audio_url",
] as const;
export type ProfileExtra = (typeof PROFILE_EXTRAS)[number];

const extra = z.optional(z.nullable(text({ max: LIMITS.urlLength })));
const extras = {
  accent_color: extra,
  banner_color: extra,
  name_font: extra,
  bio_font: extra,
  about_font: extra,
  about_text: z.optional(z.nullable(text({ max: LIMITS.aboutLength }))),
  banner_media_url: extra,
  banner_media_type: extra,
  profile_video_url: extra,
  profile_audio_url: extra,
};

/** What somebody says of their moment. It ends by itself at `status_until`. */
const status = {
  status_emoji: z.optional(z.nullable(text({ max: 32 }))),
  status_text: z.optional(z.nullable(text({ max: LIMITS.statusLength }))),
  status_until: z.optional(z.nullable(z.string())),
};

/** A user as `GET /users/{id}` answers: flat, raw names, the e-mail only for its owner. */
export const User = z.object({
  id: z.string(),
  username: z.string(),
  display_name: z.nullable(z.string()),
  bio: z.nullable(z.string()),
  email: z.optional(z.nullable(z.string())),
  avatar_url: z.nullable(z.string()),
  avatar_urls: z.nullable(AvatarUrls),
  joined_at: z.string(),
  created_at: z.string(),
  /** Whether a password or a sign-in link protects this user. */
  account: z.boolean(),
  profile_rev: z.number(),
  ...status,
  /** The minute in which they were last connected; `null` when unknown or not told. */
  last_seen_at: z.optional(z.nullable(z.string())),
  /** Settings of its owner, told to its owner alone. */
  read_receipts: z.optional(z.boolean()),
  show_last_seen: z.optional(z.boolean()),
  ...extras,
});
export type User = z.infer<typeof User>;

/** What lines and lists show of a user; the newest `profile_rev` wins. */
export const Profile = z.object({
  user_id: z.string(),
  /** The shown name: `display_name`, else `username`. */
  username: z.string(),
  avatar_url: z.nullable(z.string()),
  avatar_urls: z.nullable(AvatarUrls),
  profile_rev: z.number(),
  // Left out of the profiles of those who say nothing of their moment.
  ...status,
});
export type Profile = z.infer<typeof Profile>;

const Username = label({ min: 2, max: LIMITS.usernameLength });
const Email = z
  .string()
  .check(z.maxLength(254), z.regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, "must be an e-mail address"));

/** Body of `POST /users`. */
export const UserCreate = z.object({
  username: Username,
  /** Asks for the session as a token in the answer, for clients without a cookie jar. */
  want_token: z.optional(z.boolean()),
});

/** Answer to `POST /users`; `token` only when it was asked for. */
export const UserCreated = z.extend(User, { token: z.optional(z.string()) });

/** Body of `PUT /users/{id}/profile`: only what is given changes. Rules beyond the types answer 400. */
export const ProfileUpdate = z.object({
  display_name: z.optional(z.nullable(text({ max: LIMITS.usernameLength }))),
  username: z.optional(z.nullable(text({ max: LIMITS.usernameLength }))),
  bio: z.optional(z.nullable(text({ max: LIMITS.bioLength }))),
  email: z.optional(z.nullable(text({ max: 254 }))),
  avatar_url: z.optional(z.nullable(z.string())),
  avatar_urls: z.optional(z.nullable(AvatarUrls)),
  status_emoji: z.optional(z.nullable(text({ max: 32 }))),
  status_text: z.optional(z.nullable(text({ max: LIMITS.statusLength }))),
  /** ISO 8601; `null`: until it is changed. */
  status_until: z.optional(z.nullable(z.iso.datetime({ offset: true }))),
  /** Whether others see how far one has read; who switches it off sees nobody else's either. */
  read_receipts: z.optional(z.boolean()),
  /** Whether others see when one was last there. */
  show_last_seen: z.optional(z.boolean()),
  ...extras,
});
export type ProfileUpdate = z.infer<typeof ProfileUpdate>;

/** Answer to `PUT /users/{id}/profile`. */
export const ProfileUpdated = z.object({ success: z.literal(true), user: User });

/** Body of `PUT /users/{id}/password`. `current_password` is checked when it is given. */
export const PasswordUpdate = z.object({
  new_password: z.string().check(z.maxLength(LIMITS.passwordLength)),
  current_password: z.optional(z.nullable(z.string().check(z.maxLength(LIMITS.passwordLength)))),
});

/** Body of `POST /auth/signup`. */
export const Signup = z.object({
  username: Username,
  email: z.optional(z.nullable(Email)),
  password: z.string().check(z.maxLength(LIMITS.passwordLength)),
});

/** Body of `POST /auth/login`. */
export const Login = z.object({
  username: z.string().check(z.maxLength(254)),
  password: z.string().check(z.maxLength(LIMITS.passwordLength)),
});

/** Answer to signup and login. */
export const SignedIn = z.object({ user: User, token: z.string() });

/** Body of `POST /auth/magic-link/request`. */
export const MagicLinkRequest = z.object({ email: Email });

/** Body of `POST /auth/magic-link/verify`. */
export const MagicLinkVerify = z.object({ token: z.string().check(z.minLength(1), z.maxLength(200)) });

/** Answer to `POST /auth/magic-link/verify`. */
export const MagicLinkSignedIn = z.object({ user: User, access_token: z.string() });
