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
  statusLength: 100,
  aboutLength: 20_000,
  passwordLength: 1_000,
  clientIdLength: 64,
  /** Rows of one history page. */
  historyDefault: 100,
  historyMax: 1_000,
  /** Rows of `GET /rooms` and `GET /users`. */
  listMax: 1_000,
  /** Bytes of `data:` pictures in one list of rooms, those of the first ones: every client asks for it. */
  listedPictures: 4 * 1024 * 1024,
  /** Member ids shown with each room in a list. */
  listedMembers: 100,
  /** Rooms that a search over all of a user's rooms, and the list of mentions, look into: the newest joined. */
  readableRooms: 1_000,
  /** Profiles in one `welcome` or one page of `GET /rooms/{id}/profiles`. */
  profilesPage: 500,
  /** Ids in one `GET /rooms/{id}/profiles?ids=`: an address holds so many of the longest. */
  profileIds: 50,
  /** People whom one message mentions. */
  mentions: 50,
  /** UTF-16 units of an original shown with its answer. */
  replyContent: 200,
  /** Former texts that are kept of one message: the newest, and so many UTF-16 units of them together. */
  edits: 100,
  editUnits: 1_000_000,
  /** UTF-16 units of a search, and hits of one page of it. */
  searchLength: 500,
  searchDefault: 20,
  searchMax: 50,
  /** Pinned messages of one room. */
  pins: 100,
  /** Frames of the log in a replay before the next `progress` or `synced`. */
  replayPage: 1_000,
  /** People in one gathered `presence`, those who came and those who left together. */
  presenceUsers: 500,
  reactionEmojis: 50,
  /** User ids shown with a reaction; its `count` stays exact. */
  reactionUserIds: 200,
  /** Bytes of one uploaded avatar picture. */
  avatarBytes: 10 * 1024 * 1024,
  /** Files of one message. */
  attachments: 10,
  /** Bytes of one chunk of an upload: what proxies let pass unless they are told more. */
  chunkBytes: 1024 * 1024,
  fileNameLength: 255,
  /** Bytes of a picture that is decoded; a larger one is kept as a file to download. */
  pictureBytes: 32 * 1024 * 1024,
  /** Pixels of an edge of a video, as its sender tells. */
  mediaEdge: 32_768,
  /** Milliseconds of audio and video, as their sender tells: a week. */
  mediaMs: 7 * 24 * 60 * 60 * 1000,
  waveformPeaks: 100,
  /** Unread messages and mentions of one room are counted up to this. */
  unreadCount: 1_000,
  /** Rooms of one user's list. */
  userRooms: 1_000,
  /** People whom a search by name finds. */
  peopleFound: 50,
  /** Readers whose receipts are told. */
  receipts: 200,
  /** Unread direct messages sent when a `/ws/dm` socket opens. */
  unreadDirect: 200,
  /** Seconds that a request with `wait` is held. */
  waitSeconds: 30,
  /** Legs of a call without a media server, and those of them with a camera or a screen. */
  callLegs: 8,
  callSenders: 4,
  /** The same where a media server carries it. */
  callLegsServed: 32,
  callSendersServed: 12,
  /** Legs and places in the lobby of one user: nobody fills a call alone. */
  callPlacesPerUser: 4,
  /** Bytes of one signal of a call. */
  callSignalBytes: 64 * 1024,
  /** People whom a call rings at one time. */
  callRinging: 32,
  /** Legs that wait in a lobby. */
  callWaiting: 32,
  /** Ids of people in a call's record. */
  callRecorded: 50,
} as const;

/** Moments of the live protocol, in milliseconds. */
export const TIMING = {
  /** The server sends a client with a cursor `heartbeat` at least so often. */
  heartbeat: 15_000,
  /** The server ends "is typing" by itself after so long. */
  typing: 6_000,
  /** A leg of a call that lost its WebSocket is kept for so long. */
  callGrace: 15_000,
  /** Connections of before are let go after so long, when another one carries a call. */
  callHandover: 15_000,
  /** Who does not answer a call within this time missed it. */
  callRing: 45_000,
} as const;
