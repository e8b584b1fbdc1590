import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";
import { StartupError } from "./startup-error.js";

/** The levels that LOG_LEVEL takes. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
/** One of the levels that LOG_LEVEL takes. */
export type LogLevel = (typeof logLevels)[number];

/** The origins that the seeds' front ends are served from; ALLOWED_ORIGINS adds to them. */
export const builtInOrigins = [
  "http://localhost:3000",
  "https://video-chat-frontend-seven.vercel.app",
  "https://video-chat-frontend-iio886s1j-dalkirks-projects.vercel.app",
] as const;

/** Servers that help calls through networks; without any, calls work where the networks let them. */
export interface TurnConfig {
  /** `stun:` addresses. */
  readonly stunUrls: readonly string[];
  /** `turn:` and `turns:` addresses of a server that knows the secret. */
  readonly turnUrls: readonly string[];
  readonly secret: string | null;
}

/** The Janus that carries larger calls. */
export interface JanusConfig {
  /** `ws:` or `wss:` address of its API. */
  readonly url: string;
  /** Its `api_secret`. */
  readonly secret: string | null;
  /** The `admin_key` of its video room. */
  readonly adminKey: string | null;
}

/** Where calls are recorded, and how much of each at most. */
export interface RecordingConfig {
  /** The folder that Janus writes to and Parlor reads. */
  readonly folder: string;
  readonly milliseconds: number;
  /** Bytes of what Janus writes of one recording, and of the file that is made of it. */
  readonly bytes: number;
}

/** All that the environment decides; read once, at start, by `readConfig`. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where Prometheus asks, on this machine alone; without it nothing is counted. */
  readonly metricsPort?: number;
  /** Absolute path of the folder that holds the embedded database and the uploads. */
  readonly dataDir: string;
  /** The PostgreSQL to use; without it Parlor starts its own. */
  readonly databaseUrl?: string;
  readonly allowedOrigins: readonly string[];
  /** Where browsers reach this server, without a slash at the end. */
  readonly publicUrl?: string;
  /** The name that /health shows: "development", "production", or Railway's. */
  readonly environment: string;
  readonly production: boolean;
  readonly logLevel: LogLevel;
  readonly strictOrigin: boolean;
  readonly autoCreateRooms: boolean;
  readonly requireSession: boolean;
  readonly rateLimit: boolean;
  readonly trustProxy: boolean;
  /** Bytes of one uploaded file, of all of one user within 24 hours, and of all files together. */
  readonly fileBytes: number;
  readonly dailyFileBytes: number;
  readonly storageBytes: number;
  readonly smtpUrl?: string;
  /** What helps calls through networks. */
  readonly turn: TurnConfig;
  /** What carries larger calls; without it they stay small. */
  readonly janus?: JanusConfig;
  readonly recording: RecordingConfig;
  readonly mailFrom: string;
  /** What the person who runs this should know, one line each. */
  readonly warnings: readonly string[];
}

const MEGABYTE = 1024 * 1024;
const secrets = new Set(["DATABASE_URL", "SMTP_URL", "TURN_SECRET", "JANUS_SECRET", "JANUS_ADMIN_KEY"]);

const givenFlag = z
  .string()
  .toLowerCase()
  .refine((value) => ["0", "1", "true", "false"].includes(value), "0, 1, true or false")
  .transform((value) => value === "1" || value === "true");
const flag = (fallback: boolean) => givenFlag.default(fallback);

const amount = (fallback: number, words: string) =>
  z
    .string()
    .refine((value) => /^\d{1,7}$/.test(value) && Number(value) > 0, words)
    .transform(Number)
    .default(fallback);

const urlOf = (protocols: readonly string[], allowed: string) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), allowed);

/** A comma-separated list of addresses of servers for WebRTC. */
const iceUrls = (schemes: string, allowed: string) =>
  z
    .string()
    .transform((value) => value.split(",").map((url) => url.trim()))
    .refine((urls) => urls.every((url) => new RegExp(`^(${schemes}):[^\\s,@/]+$`).test(url)), allowed)
    .default([]);

const originText = "a comma-separated list of origins such as https://chat.example.org";

const portNumber = z
  .string()
  .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, "a port number from 0 to 65535")
  .transform(Number);

const schema = z.object({
  PORT: portNumber.default(8000),
  METRICS_PORT: portNumber.optional(),
  HOST: z.string().regex(/^\S+$/, "an address such as 0.0.0.0, :: or 127.0.0.1").default("0.0.0.0"),
  DATA_DIR: z
    .string()
    .refine((value) => !value.includes("\0"), "a path")
    .optional(),
  DATABASE_URL: urlOf(["postgres:", "postgresql:"], "postgres://user:password@host:5432/database").optional(),
  ALLOWED_ORIGINS: z
    .string()
    .transform((value) => value.split(",").map((origin) => origin.trim().replace(/\/$/, "")))
    .transform((origins) => origins.filter((origin) => origin !== ""))
    .refine((origins) => origins.every(isOrigin), originText)
    .default([]),
  PUBLIC_URL: urlOf(["http:", "https:"], "an address such as https://chat.example.org").optional(),
  NODE_ENV: z
    .string()
    .regex(/^[\w.-]{1,64}$/, "a word such as development or production")
    .optional(),
  LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(", ")}`).default("info"),
  STRICT_ORIGIN: flag(false),
  AUTO_CREATE_ROOMS: flag(false),
  REQUIRE_SESSION: flag(false),
  RATE_LIMIT: z
    .enum(["on", "off"], "on or off")
    .transform((value) => value === "on")
    .default(true),
  TRUST_PROXY: givenFlag.optional(),
  MAX_UPLOAD_MB: amount(100, "a whole number of megabytes such as 100"),
  MAX_DAILY_UPLOAD_MB: amount(1_000, "a whole number of megabytes such as 1000"),
  MAX_STORAGE_GB: amount(50, "a whole number of gigabytes such as 50"),
  SMTP_URL: urlOf(["smtp:", "smtps:"], "smtp://user:password@host:587").optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]+@[^\r\n]+$/, 'an address such as "Parlor <parlor@example.org>"')
    .default("Parlor <parlor@localhost>"),
  STUN_URL: iceUrls("stuns?", "addresses such as stun:turn.example.org:3478"),
  TURN_URL: iceUrls(
    "turns?",
    "addresses such as turn:turn.example.org:3478 or turns:turn.example.org:443?transport=tcp",
  ),
  TURN_SECRET: z.string().min(16, "at least 16 letters, the same as coturn's static-auth-secret").optional(),
  JANUS_URL: urlOf(["ws:", "wss:"], "an address such as ws://127.0.0.1:8188").optional(),
  JANUS_SECRET: z.string().min(16, "at least 16 letters, the same as Janus' api_secret").optional(),
  JANUS_ADMIN_KEY: z
    .string()
    .min(16, "at least 16 letters, the same as the admin_key of Janus' video room")
    .optional(),
  JANUS_RECORDINGS: z
    .string()
    .refine((value) => !value.includes("\0") && isAbsolute(value), "an absolute path")
    .optional(),
  MAX_RECORDING_MINUTES: amount(120, "a whole number of minutes such as 120"),
  MAX_RECORDING_MB: amount(2_000, "a whole number of megabytes such as 2000"),
  RAILWAY_ENVIRONMENT: z.string().optional(),
  RAILWAY_PUBLIC_DOMAIN: z
    .string()
    .regex(/^[\w.-]+(:\d+)?$/, "a host name")
    .optional(),
  RAILWAY_VOLUME_MOUNT_PATH: z.string().optional(),
});

/** Turns the environment into the configuration; throws a `StartupError` that names the first bad variable. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = parse(env);
  const railway = values.RAILWAY_ENVIRONMENT !== undefined;
  const railwayUrl = values.RAILWAY_PUBLIC_DOMAIN && `https://${values.RAILWAY_PUBLIC_DOMAIN}`;
  const publicUrl = (values.PUBLIC_URL ?? (railway ? railwayUrl : undefined))?.replace(/\/+$/, "");
  const volume = railway ? values.RAILWAY_VOLUME_MOUNT_PATH : undefined;
  const dataDir = resolve(values.DATA_DIR ?? volume ?? "./data");
  const hasTurn = values.TURN_URL.length > 0;
  if (hasTurn !== (values.TURN_SECRET !== undefined))
    throw new StartupError("TURN_URL and TURN_SECRET go together: set both, or none.");
  if (values.JANUS_URL === undefined && (values.JANUS_SECRET ?? values.JANUS_ADMIN_KEY) !== undefined)
    throw new StartupError("JANUS_SECRET and JANUS_ADMIN_KEY are for JANUS_URL: set that too, or none.");
  const warnings =
    railway && values.DATABASE_URL === undefined && volume === undefined
      ? [
          "On Railway without DATABASE_URL and without a volume, every deploy forgets all data: add one of them.",
        ]
      : [];
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    ...(values.METRICS_PORT !== undefined && { metricsPort: values.METRICS_PORT }),
    dataDir,
    ...(values.DATABASE_URL !== undefined && { databaseUrl: values.DATABASE_URL }),
    allowedOrigins: Object.freeze([...new Set([...builtInOrigins, ...values.ALLOWED_ORIGINS])]),
    ...(publicUrl !== undefined && { publicUrl }),
    environment: values.RAILWAY_ENVIRONMENT ?? values.NODE_ENV ?? "development",
    production: values.NODE_ENV === "production",
    logLevel: values.LOG_LEVEL,
    strictOrigin: values.STRICT_ORIGIN,
    autoCreateRooms: values.AUTO_CREATE_ROOMS,
    requireSession: values.REQUIRE_SESSION,
    rateLimit: values.RATE_LIMIT,
    trustProxy: values.TRUST_PROXY ?? railway,
    fileBytes: values.MAX_UPLOAD_MB * MEGABYTE,
    dailyFileBytes: values.MAX_DAILY_UPLOAD_MB * MEGABYTE,
    storageBytes: values.MAX_STORAGE_GB * 1024 * MEGABYTE,
    ...(values.SMTP_URL !== undefined && { smtpUrl: values.SMTP_URL }),
    turn: { stunUrls: values.STUN_URL, turnUrls: values.TURN_URL, secret: values.TURN_SECRET ?? null },
    ...(values.JANUS_URL !== undefined && {
      janus: {
        url: values.JANUS_URL,
        secret: values.JANUS_SECRET ?? null,
        adminKey: values.JANUS_ADMIN_KEY ?? null,
      },
    }),
    recording: {
      folder: values.JANUS_RECORDINGS ?? join(dataDir, "recordings"),
      milliseconds: values.MAX_RECORDING_MINUTES * 60_000,
      bytes: values.MAX_RECORDING_MB * MEGABYTE,
    },
    mailFrom: values.MAIL_FROM,
    warnings: Object.freeze(warnings),
  });
}

function parse(env: NodeJS.ProcessEnv): z.infer<typeof schema> {
  // An empty value means "not set": that is what `PORT= npm start` and empty lines of env files intend.
  const given = Object.entries(env)
    .map(([name, value]) => [name, value?.trim()] as const)
    .filter(([, value]) => value !== undefined && value !== "");
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0]);
  const value = secrets.has(name) ? "its value" : JSON.stringify(env[name]);
  throw new StartupError(`${name}: ${value} is not allowed; it must be ${issue?.message}.`);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "http:" || url.protocol === "https:") && url.origin === text.toLowerCase();
}
