import { expect, test } from "vitest";
import { createStatsReader, qualityOf } from "./stats.js";

/** A report as browsers give it, after so many seconds of a steady call. */
function report(seconds: number, lostIn = 0): RTCStatsReport {
  const timestamp = seconds * 1_000;
  const video = { kind: "video", timestamp };
  const entries = [
    { id: "t", type: "transport", timestamp, selectedCandidatePairId: "p" },
    { id: "old", type: "candidate-pair", timestamp, currentRoundTripTime: 9, state: "succeeded" },
    {
      id: "p",
      type: "candidate-pair",
      timestamp,
      currentRoundTripTime: 0.05,
      availableOutgoingBitrate: 300_000,
      localCandidateId: "l",
      remoteCandidateId: "r",
    },
    { id: "l", type: "local-candidate", timestamp, candidateType: "host" },
    { id: "r", type: "remote-candidate", timestamp, candidateType: "relay" },
    {
      id: "i",
      type: "inbound-rtp",
      ...video,
      bytesReceived: 1_000 * seconds,
      framesDecoded: 10 * seconds,
      packetsReceived: 90 * seconds,
      packetsLost: lostIn,
      frameWidth: 320,
      frameHeight: 180,
    },
    {
      id: "o",
      type: "outbound-rtp",
      ...video,
      bytesSent: 2_000 * seconds,
      framesEncoded: 15 * seconds,
      framesPerSecond: 15,
      qualityLimitationReason: "cpu",
    },
    { id: "ri", type: "remote-inbound-rtp", ...video, fractionLost: 0.03 },
  ];
  return new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
}

test("[CALL17] two looks at a connection give rates, losses, the way in use and what limits the picture", () => {
  const read = createStatsReader();
  expect(read(report(2)).stats).toMatchObject({
    fpsIn: null,
    bitrateOut: null,
    lossIn: null,
    framesDecoded: 20,
  });
  const { stats, road } = read(report(4, 20));
  expect(stats).toEqual({
    rtt: 50,
    lossIn: 0.1,
    lossOut: 0.03,
    fpsIn: 10,
    fpsOut: 15,
    bitrateIn: 8_000,
    bitrateOut: 16_000,
    widthIn: 320,
    heightIn: 180,
    framesDecoded: 40,
    limitation: "cpu",
    relayed: true,
  });
  expect(road).toEqual({ available: 300_000, loss: 0.03, rtt: 0.05 });
  expect(qualityOf(stats)).toBe(1);
  // A connection that took the place of another counts anew.
  expect(read(report(1)).stats).toMatchObject({ fpsIn: null, framesDecoded: 10 });
  expect(read(new Map() as unknown as RTCStatsReport).stats).toMatchObject({ rtt: null, relayed: null });
});
