import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { type Finding, lookAt, wordsOf } from "./finding.js";
import { fetchHealth } from "./server.js";

const PATIENCE = 5_000;
/** Credentials of a relay, cookies and certificates bear this much. */
const CLOCKS_APART = 30_000;
/** How Parlor closes a socket of a room that it does not know. */
const UNKNOWN_ROOM = 4004;

/** Looks at the way that visitors take: the public address, its clock, and WebSockets through whatever is before Parlor. */
export async function lookAtAddress(publicUrl: string | undefined): Promise<Finding[]> {
  if (publicUrl === undefined) {
    const says = "not set: links in mails lead to localhost";
    return [{ hop: "PUBLIC_URL", state: "open", says, cure: "Set it to where browsers reach this server." }];
  }
  const isSafe = publicUrl.startsWith("https:") || /^http:\/\/(localhost|127\.0\.0\.1)[:/]?/.test(publicUrl);
  let date: string | null = null;
  let askedAt = 0;
  const reach = await lookAt(
    `address ${publicUrl}`,
    "Point the name to this server, and let its proxy pass everything on to PORT.",
    async () => {
      askedAt = Date.now();
      ({ date } = await fetchHealth(publicUrl));
      if (isSafe) return { state: "well", says: "leads to Parlor" };
      return {
        state: "doubtful",
        says: "leads to Parlor, without https",
        cure: "Browsers give camera and microphone to pages of https alone: put a certificate before it.",
      };
    },
  );
  return [reach, clockOf(date, askedAt), await lookAtSockets(publicUrl)];
}

function clockOf(date: string | null, askedAt: number): Finding {
  const hop = "clock";
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return { hop, state: "open", says: "nothing answered that tells the time" };
  const apart = Math.abs(theirs - askedAt);
  const says = `${(apart / 1_000).toFixed(0)} s from that of the public address`;
  if (apart <= CLOCKS_APART) return { hop, state: "well", says };
  return {
    hop,
    state: "ill",
    says,
    cure: "Set both by NTP: credentials of the relay end too early or too late.",
  };
}

async function lookAtSockets(publicUrl: string): Promise<Finding> {
  const url = `${publicUrl.replace(/^http/, "ws")}/ws/doctor-${randomUUID()}/doctor?after=0`;
  const cure =
    'Let the proxy pass the headers Upgrade and Connection on (docs/SELF-HOSTING.md, "Behind a proxy").';
  return await lookAt("WebSocket through the address", cure, async () => {
    const code = await closeCodeOf(url);
    if (code === UNKNOWN_ROOM) return { state: "well", says: "goes through" };
    return { state: "ill", says: `closed with ${code}, and not by Parlor`, cure };
  });
}

async function closeCodeOf(url: string): Promise<number> {
  const socket = new WebSocket(url, { handshakeTimeout: PATIENCE });
  const timer = setTimeout(() => socket.terminate(), PATIENCE * 2);
  try {
    return await new Promise<number>((resolve, reject) => {
      socket.on("close", resolve);
      socket.on("error", (error) => reject(new Error(wordsOf(error))));
    });
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
}
