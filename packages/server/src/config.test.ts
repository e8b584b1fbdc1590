import { resolve } from "node:path";
import { expect, test } from "vitest";
import { builtInOrigins, readConfig } from "./config.js";
import { StartupError } from "./startup-error.js";

test("[CFG1] an empty environment gives the documented defaults", () => {
  expect(readConfig({})).toEqual({
    port: 8000,
    host: "0.0.0.0",
    dataDir: resolve("data"),
    allowedOrigins: [...builtInOrigins],
    environment: "development",
    production: false,
    logLevel: "info",
    strictOrigin: false,
    autoCreateRooms: false,
    requireSession: false,
    rateLimit: true,
    trustProxy: false,
    mailFrom: "Parlor <parlor@localhost>",
    fileBytes: 100 * 1024 * 1024,
    dailyFileBytes: 1_000 * 1024 * 1024,
    storageBytes: 50 * 1024 ** 3,
    turn: { stunUrls: [], turnUrls: [], secret: null },
    recording: {
      folder: resolve("data", "recordings"),
      milliseconds: 120 * 60_000,
      bytes: 2_000 * 1024 * 1024,
    },
    warnings: [],
  });
});

test("[CFG1] an empty variable counts as not set", () => {
  expect(readConfig({ PORT: "", DATA_DIR: " " })).toEqual(readConfig({}));
});

test("[CFG2] ALLOWED_ORIGINS adds to the built-in origins", () => {
  const { allowedOrigins } = readConfig({
    ALLOWED_ORIGINS: "https://a.example, http://localhost:5173/,http://localhost:3000",
  });
  expect(allowedOrigins).toEqual([...builtInOrigins, "https://a.example", "http://localhost:5173"]);
});

test.each([
  ["1", true],
  ["true", true],
  ["TRUE", true],
  ["0", false],
  ["false", false],
])("[CFG3] a switch set to %s is %s", (text, value) => {
  expect(readConfig({ STRICT_ORIGIN: text }).strictOrigin).toBe(value);
});

test("[CFG4] Railway names the environment, the address and the proxy", () => {
  const config = readConfig({
    NODE_ENV: "production",
    RAILWAY_ENVIRONMENT: "staging",
    RAILWAY_PUBLIC_DOMAIN: "chat.up.railway.app",
    RAILWAY_VOLUME_MOUNT_PATH: "/volume",
  });
  expect(config).toMatchObject({
    environment: "staging",
    production: true,
    trustProxy: true,
    publicUrl: "https://chat.up.railway.app",
    dataDir: "/volume",
    warnings: [],
  });
});

test("[CFG4] what is set by hand wins over what Railway says", () => {
  const config = readConfig({
    RAILWAY_ENVIRONMENT: "production",
    RAILWAY_PUBLIC_DOMAIN: "chat.up.railway.app",
    RAILWAY_VOLUME_MOUNT_PATH: "/volume",
    PUBLIC_URL: "https://chat.example.org/",
    DATA_DIR: "/elsewhere",
    TRUST_PROXY: "0",
  });
  expect(config).toMatchObject({
    publicUrl: "https://chat.example.org",
    dataDir: "/elsewhere",
    trustProxy: false,
  });
});

test("[CFG4] Railway without a database and without a volume is warned about", () => {
  expect(readConfig({ RAILWAY_ENVIRONMENT: "production" }).warnings).toHaveLength(1);
  const withDatabase = readConfig({ RAILWAY_ENVIRONMENT: "production", DATABASE_URL: "postgres://db/x" });
  expect(withDatabase.warnings).toEqual([]);
});

test.each([
  ["PORT", "80000", "a port number from 0 to 65535"],
  ["PORT", "http", "a port number from 0 to 65535"],
  ["METRICS_PORT", "on", "a port number from 0 to 65535"],
  ["HOST", "a b", "an address"],
  ["ALLOWED_ORIGINS", "https://a.example/path", "origins"],
  ["ALLOWED_ORIGINS", "*", "origins"],
  ["PUBLIC_URL", "chat.example.org", "https://chat.example.org"],
  ["LOG_LEVEL", "loud", "one of trace, debug"],
  ["STRICT_ORIGIN", "yes", "0, 1, true or false"],
  ["RATE_LIMIT", "1", "on or off"],
  ["MAIL_FROM", "nobody", "an address"],
])("[CFG5] %s=%s is refused with its name, its value and what is allowed", (name, value, allowed) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(StartupError);
  expect(read).toThrow(`${name}: ${JSON.stringify(value)} is not allowed; it must be `);
  expect(read).toThrow(allowed);
});

test.each([
  ["DATABASE_URL", "mysql://root:hunter2@host/x"],
  ["SMTP_URL", "hunter2"],
])("[CFG5] the value of %s is never shown", (name, value) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(new RegExp(`^${name}: its value is not allowed`));
  expect(read).not.toThrow("hunter2");
});

test("[DB7] DATABASE_URL may name a Unix socket", () => {
  const url = "postgres://parlor@localhost/parlor?host=/run/parlor";
  expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
});

test("[CFG5] TURN_URL and TURN_SECRET go together, and the secret is never told", () => {
  const given = {
    TURN_URL: "turn:t.example:3478, turns:t.example:443?transport=tcp",
    TURN_SECRET: "a".repeat(32),
  };
  expect(readConfig({ ...given, STUN_URL: "stun:t.example" }).turn).toEqual({
    stunUrls: ["stun:t.example"],
    turnUrls: ["turn:t.example:3478", "turns:t.example:443?transport=tcp"],
    secret: "a".repeat(32),
  });
  expect(() => readConfig({ TURN_URL: given.TURN_URL })).toThrow(StartupError);
  expect(() => readConfig({ TURN_SECRET: given.TURN_SECRET })).toThrow(StartupError);
  expect(() => readConfig({ ...given, TURN_URL: "https://t.example" })).toThrow(/TURN_URL/);
  expect(() => readConfig({ ...given, TURN_SECRET: "tooshort" })).toThrow(/^TURN_SECRET: its value is not/);
});

test("[CFG5] recordings lie in DATA_DIR unless a whole path is given, and are bounded", () => {
  expect(readConfig({ DATA_DIR: "/srv/parlor" }).recording.folder).toBe("/srv/parlor/recordings");
  const given = { JANUS_RECORDINGS: "/srv/shared", MAX_RECORDING_MINUTES: "5", MAX_RECORDING_MB: "10" };
  expect(readConfig(given).recording).toEqual({
    folder: "/srv/shared",
    milliseconds: 300_000,
    bytes: 10 * 1024 * 1024,
  });
  expect(() => readConfig({ JANUS_RECORDINGS: "shared" })).toThrow(/^JANUS_RECORDINGS/);
  expect(() => readConfig({ MAX_RECORDING_MINUTES: "0" })).toThrow(/^MAX_RECORDING_MINUTES/);
});

test("[CFG5] JANUS_URL is an address of a WebSocket, its secrets are for it alone and never told", () => {
  const secrets = { JANUS_SECRET: "s".repeat(32), JANUS_ADMIN_KEY: "k".repeat(32) };
  expect(readConfig({}).janus).toBeUndefined();
  expect(readConfig({ JANUS_URL: "ws://127.0.0.1:8188" }).janus).toEqual({
    url: "ws://127.0.0.1:8188",
    secret: null,
    adminKey: null,
  });
  expect(readConfig({ JANUS_URL: "wss://janus.example", ...secrets }).janus).toEqual({
    url: "wss://janus.example",
    secret: secrets.JANUS_SECRET,
    adminKey: secrets.JANUS_ADMIN_KEY,
  });
  expect(() => readConfig({ JANUS_URL: "http://127.0.0.1:8088" })).toThrow(/^JANUS_URL/);
  expect(() => readConfig(secrets)).toThrow(StartupError);
  for (const name of ["JANUS_SECRET", "JANUS_ADMIN_KEY"])
    expect(() => readConfig({ JANUS_URL: "ws://127.0.0.1:8188", [name]: "tooshort" })).toThrow(
      new RegExp(`^${name}: its value is not`),
    );
});
