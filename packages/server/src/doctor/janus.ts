import { ParlorError } from "@parlor/protocol";
import { JanusLink } from "../calls/janus/link.js";
import { JanusRoom } from "../calls/janus/room.js";
import type { JanusConfig } from "../config.js";
import type { Logger } from "../log.js";
import { type Finding, lookAt } from "./finding.js";

/** Looks at the media server of larger calls: makes a room there, as a call would, and ends it. */
export async function lookAtJanus(config: JanusConfig | undefined, log: Logger): Promise<Finding> {
  if (!config) {
    const says = "none: calls hold 8 people, 4 of them with a camera or screen";
    const cure = 'docs/SELF-HOSTING.md, "Larger calls", sets one up.';
    return { hop: "Janus", state: "open", says, cure };
  }
  const hop = `Janus ${config.url}`;
  const cure =
    "Make JANUS_SECRET equal to api_secret and JANUS_ADMIN_KEY to admin_key, and let the video room plugin load.";
  const link = new JanusLink({ config, log, onUp: () => {}, onDown: () => {} });
  const call = { id: "doctor", roomId: "doctor", legs: new Map() };
  const room = new JanusRoom(call, { link, adminKey: config.adminKey, log });
  try {
    return await lookAt(hop, cure, async () => {
      try {
        await room.open();
      } catch (error) {
        if (!(error instanceof ParlorError) || link.isUp) throw error;
        return {
          state: "ill",
          says: "can not be reached, or does not take JANUS_SECRET",
          cure: "Start Janus with its WebSocket transport, let this machine through to it, and compare the secrets.",
        };
      }
      return { state: "well", says: "takes calls" };
    });
  } finally {
    await room.close();
    await link.close();
  }
}
