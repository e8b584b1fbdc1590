import { createIce } from "../calls/ice.js";
import type { TurnConfig } from "../config.js";
import { type Finding, lookAt } from "./finding.js";
import { askBinding, askRelay, readRelayUrl } from "./stun.js";

/** Addresses that no relay may lead to. */
const PRIVATE = ["10.0.0.1", "127.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254"];

/** Looks at the servers that help calls, as a member's browser would use them. */
export async function lookAtRelays(turn: TurnConfig): Promise<Finding[]> {
  if (turn.turnUrls.length + turn.stunUrls.length === 0) {
    const says = "none: calls work where the networks let browsers reach each other";
    return [{ hop: "relay", state: "open", says, cure: 'docs/SELF-HOSTING.md, "Calls", sets one up.' }];
  }
  const { ice_servers } = createIce(turn).serversFor("doctor");
  const given = ice_servers.find(({ credential }) => credential !== undefined);
  const credentials = { username: given?.username ?? "", credential: given?.credential ?? "" };
  return await Promise.all([
    ...turn.stunUrls.map((url) => lookAtStun(url)),
    ...turn.turnUrls.map((url) => lookAtTurn(url, credentials)),
  ]);
}

async function lookAtStun(url: string): Promise<Finding> {
  return await lookAt(`stun ${url}`, reachCure(url), async () => {
    await askBinding(readRelayUrl(url));
    return { state: "well", says: "answers" };
  });
}

async function lookAtTurn(
  url: string,
  credentials: { username: string; credential: string },
): Promise<Finding> {
  return await lookAt(`relay ${url}`, reachCure(url), async () => {
    const { allocation, permissions } = await askRelay(readRelayUrl(url), credentials, PRIVATE);
    if (allocation === 401)
      return {
        state: "ill",
        says: "does not take the credentials that Parlor makes (401)",
        cure: "Make TURN_SECRET equal to static-auth-secret, set use-auth-secret there, and compare the clocks of both.",
      };
    if (allocation !== 200)
      return { state: "ill", says: `gives no place (${allocation})`, cure: "Look into the log of coturn." };
    const open = PRIVATE.filter((_, index) => permissions[index] === 200);
    if (open.length === 0) return { state: "well", says: "gives places, and leads into no private network" };
    return {
      state: "doubtful",
      says: `leads to ${open.join(", ")}: members could reach your own network through it`,
      cure: "Take the denied-peer-ip lines of docs/turnserver.conf.",
    };
  });
}

function reachCure(url: string): string {
  const { port, transport } = readRelayUrl(url);
  const way = transport === "udp" ? "UDP" : "TCP";
  const certificate = transport === "tls" ? " Its certificate must be valid for this name." : "";
  return `Start coturn, and let ${way} ${port} through the firewall to it.${certificate}`;
}
