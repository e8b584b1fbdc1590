/** The part of a connection's statistics that is about some of its tracks, beside what is about all of it. */
export function reportOf(
  report: RTCStatsReport,
  trackIds: readonly string[],
): Pick<RTCStatsReport, "forEach"> {
  return {
    forEach(call) {
      report.forEach((entry, key) => {
        if (entry.type !== "inbound-rtp" || trackIds.includes(String(entry.trackIdentifier)))
          call(entry, key, report);
      });
    },
  };
}
