import { openCamera, openMicrophone } from "@parlor/client";
import { call } from "../../lib/api.js";
import { codeOf } from "../../lib/explain.js";

/** What a call needs, in the order in which it is looked at: from this browser to the server and its relay. */
type Step =
  | "address"
  | "microphone"
  | "camera"
  | "browser"
  | "server"
  | "clock"
  | "socket"
  | "stun"
  | "udp"
  | "tcp"
  | "tls";

/** Why a step fails, or what there is to know of it. The words tell what to do. */
type Trouble =
  | "notSecure"
  | "denied"
  | "missing"
  | "busy"
  | "noCalls"
  | "noServer"
  | "clockWrong"
  | "noSocket"
  | "noAddress"
  | "refused"
  | "blocked"
  | "noRoom"
  | "noRelay"
  | "otherWays";

/** What was found. `note`: nothing is wrong, but there is something to know. */
export interface Finding {
  readonly step: Step;
  readonly state: "fine" | "note" | "ill";
  readonly trouble: Trouble | null;
  /** Milliseconds that it took; `null` where that says nothing. */
  readonly took: number | null;
}

/** Longest wait for one answer. */
const PATIENCE = 8_000;
/** A clock that is so far off makes credentials of the relay look expired. */
const CLOCK_WITHIN = 5 * 60_000;

type Told = Pick<Finding, "state" | "trouble">;
const FINE: Told = { state: "fine", trouble: null };
const ill = (trouble: Trouble): Told => ({ state: "ill", trouble });

async function lookAtDevice(open: () => Promise<MediaStreamTrack>): Promise<Told> {
  try {
    (await open()).stop();
    return FINE;
  } catch (error) {
    const code = codeOf(error);
    return ill(code === "media_denied" ? "denied" : code === "media_missing" ? "missing" : "busy");
  }
}

/** The server's time, as its answer tells it. */
async function askServer(): Promise<{ offBy: number }> {
  const before = Date.now();
  const answer = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  const date = Date.parse(answer.headers.get("date") ?? "");
  const own = (before + Date.now()) / 2;
  return { offBy: Number.isNaN(date) ? 0 : Math.abs(date - own) };
}

function lookAtSocket(userId: string): Promise<Told> {
  return new Promise((resolve) => {
    const path = `/ws/dm/${encodeURIComponent(userId)}?inbox=1`;
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + path);
    const end = (told: Told) => {
      clearTimeout(timer);
      socket.close();
      resolve(told);
    };
    const timer = setTimeout(() => end(ill("noSocket")), PATIENCE);
    // A proxy may let it open and then nothing through.
    socket.onmessage = () => end(FINE);
    socket.onerror = socket.onclose = () => end(ill("noSocket"));
  });
}

/** Whether candidates of a kind come by way of some servers; the code of what refuses them otherwise. */
async function gather(
  iceServers: RTCIceServer[],
  kind: "host" | "srflx" | "relay",
): Promise<{ found: boolean; code: number }> {
  const connection = new RTCPeerConnection({
    iceServers,
    iceTransportPolicy: kind === "relay" ? "relay" : "all",
  });
  let code = 0;
  try {
    const found = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE);
      const end = (isFound: boolean) => {
        clearTimeout(timer);
        resolve(isFound);
      };
      connection.onicecandidateerror = ({ errorCode }) => {
        code = errorCode;
      };
      connection.onicecandidate = ({ candidate }) => {
        if (!candidate) end(false);
        else if (candidate.type === kind) end(true);
      };
    });
    connection.createDataChannel("check");
    await connection.setLocalDescription();
    return { found: await found, code };
  } finally {
    connection.close();
  }
}

async function lookAtBrowser(): Promise<Told> {
  if (typeof RTCPeerConnection !== "function") return ill("noCalls");
  return (await gather([], "host")).found ? FINE : ill("noCalls");
}

async function lookAtRelay(server: RTCIceServer): Promise<Told> {
  const { found, code } = await gather([server], "relay");
  if (found) return FINE;
  return ill(code === 401 || code === 403 ? "refused" : "blocked");
}

/** By which way a relay is reached. */
function wayOf(url: string): "udp" | "tcp" | "tls" {
  if (url.startsWith("turns:")) return "tls";
  return /[?&]transport=tcp/.test(url) ? "tcp" : "udp";
}

/** A server that helps, by one of its addresses. */
interface Helper {
  readonly url: string;
  readonly server: RTCIceServer;
}

/** The servers that help; `null` where there is no room whose members are told. */
async function helpersOf(roomId: string | null, userId: string): Promise<Helper[] | null> {
  if (roomId === null) return null;
  const query = { user_id: userId };
  const { ice_servers } = await call("getIceServers", { params: { room_id: roomId }, query });
  return ice_servers.flatMap(({ urls, username = "", credential = "" }) =>
    urls.map((url) => ({ url, server: { urls: url, username, credential } })),
  );
}

/** Looks at everything, one after the other; each finding is told as it is known. */
export async function lookAtAll(
  { userId, roomId }: { readonly userId: string; readonly roomId: string | null },
  tell: (finding: Finding) => void,
): Promise<void> {
  const look = async (step: Step, work: () => Promise<Told>, isTimed = false) => {
    const from = performance.now();
    const told = await work().catch(() => ill("noServer"));
    tell({ step, ...told, took: isTimed && told.state === "fine" ? performance.now() - from : null });
  };
  await look("address", async () => (window.isSecureContext ? FINE : ill("notSecure")));
  await look("microphone", () => lookAtDevice(openMicrophone));
  await look("camera", () => lookAtDevice(openCamera));
  await look("browser", lookAtBrowser);
  let offBy = 0;
  await look(
    "server",
    async () => {
      ({ offBy } = await askServer());
      return FINE;
    },
    true,
  );
  await look("clock", async () => (offBy > CLOCK_WITHIN ? ill("clockWrong") : FINE));
  await look("socket", () => lookAtSocket(userId), true);

  const helpers = await helpersOf(roomId, userId).catch(() => null);
  const stun = helpers?.find(({ url }) => url.startsWith("stun"));
  if (stun) {
    const isTold = async () => (await gather([stun.server], "srflx")).found;
    await look("stun", async () => ((await isTold()) ? FINE : ill("noAddress")), true);
  }
  const relays = helpers?.filter(({ url }) => url.startsWith("turn")) ?? [];
  if (relays.length === 0) {
    tell({ step: "udp", state: "note", trouble: helpers === null ? "noRoom" : "noRelay", took: null });
    return;
  }
  const found: Finding[] = [];
  for (const way of ["udp", "tcp", "tls"] as const) {
    const relay = relays.find(({ url }) => wayOf(url) === way);
    if (!relay) continue;
    const from = performance.now();
    const told = await lookAtRelay(relay.server).catch(() => ill("blocked"));
    found.push({ step: way, ...told, took: told.state === "fine" ? performance.now() - from : null });
  }
  // One way to the relay is enough: a narrow network lets only some through.
  const isReached = found.some(({ state }) => state === "fine");
  for (const finding of found)
    tell(
      isReached && finding.trouble === "blocked"
        ? { ...finding, state: "note", trouble: "otherWays" }
        : finding,
    );
}
