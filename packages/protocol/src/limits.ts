/** Bounds of the wire. A value above one is refused with the catalogue's error, never cut in silence. */
export const LIMITS = {
  /** UTF-16 units of one message, on both transports. */
  contentLength: 100_000,
  /** Bytes of one WebSocket frame; above it the socket closes with 1009. */
  frameBytes: 512 * 1024,
  /** Bytes of a JSON body: content of full length, every unit escaped, and room to spare. */
  bodyBytes: 2 * 1024 * 1024,
  usernameLength: 100,
  roomNameLength: 200,
  urlLength: 2_000,
  /** A room's picture may be a `data:` URL; the seeds' front end shrinks it to about 45 kB. */
  thumbnailLength: 65_536,
  bioLength: 5_000,
  aboutLength: 20_000,
  passwordLength: 1_000,
  clientIdLength: 64,
  /** Rows of one history page. */
  historyDefault: 100,
  historyMax: 1_000,
  /** Rows of `GET /rooms` and `GET /users`. */
  listMax: 1_000,
  /** Member ids shown with each room in a list. */
  listedMembers: 100,
  /** Profiles in one `welcome` or one page of `GET /rooms/{id}/profiles`. */
  profilesPage: 500,
  reactionEmojis: 50,
  /** User ids shown with a reaction; its `count` stays exact. */
  reactionUserIds: 200,
  /** Bytes of one uploaded avatar picture. */
  avatarBytes: 10 * 1024 * 1024,
  /** Unread direct messages sent when a `/ws/dm` socket opens. */
  unreadDirect: 200,
  /** Seconds that a request with `wait` is held. */
  waitSeconds: 30,
} as const;

/** Moments of the live protocol, in milliseconds. */
export const TIMING = {
  /** The server sends a resuming client `heartbeat` when its room was quiet for so long. */
  heartbeat: 15_000,
  /** The server ends "is typing" by itself after so long. */
  typing: 6_000,
} as const;
