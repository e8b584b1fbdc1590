/** What of a CPU profile of Node is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function, and its share of the time in which the processor worked. */
export interface ProfileLine {
  readonly name: string;
  readonly share: number;
}

/** The functions with the most time of their own; the idle time is left out. */
export function summarise(profile: CpuProfile, count: number): ProfileLine[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? "(unknown)";
    const time = profile.timeDeltas[index] ?? 0;
    if (name === "(idle)") continue;
    total += time;
    times.set(name, (times.get(name) ?? 0) + time);
  }
  return [...times]
    .map(([name, time]) => ({ name, share: total === 0 ? 0 : time / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

/** The summary as lines of text. */
export function formatProfile(lines: readonly ProfileLine[]): string {
  return lines.map(({ name, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`).join("\n");
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  if (url === "") return functionName || "(anonymous)";
  const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(?=[^/]+\/[^/]+$)/, "");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
