import { formatNumber, type Judged, judge } from "./goal.js";
import type { Invocation, RunRecord } from "./record.js";
import type { Scenario } from "./scenario.js";
import { mediansOf, smallestOf } from "./statistics.js";

/** The whole of RESULTS.md. */
export function formatResults(
  scenarios: readonly Scenario[],
  peers: readonly { readonly name: string; readonly title: string }[],
  records: readonly RunRecord[],
): string {
  const measured = scenarios.filter(({ name }) => records.some(({ scenario }) => scenario === name));
  const parts = [
    "# Results",
    "Written by `npm run bench`; [NOTES.md](NOTES.md) says how to read it. Medians of the repeats, the smallest in brackets;" +
      " CPU is user and system time of the server's process. No message was missing in any repeat that counts.",
    formatRuns(records),
    "## Goals",
    formatGoals(scenarios, records),
    "## Servers",
    peers.map(({ name, title }) => `- \`${name}\`: ${title}`).join("\n"),
    ...measured.map((scenario) => formatScenario(scenario, records)),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** One line for each invocation that figures come from. */
function formatRuns(records: readonly RunRecord[]): string {
  const runs = new Map<string, Invocation>(records.map(({ run }) => [run.at, run]));
  const lines = [...runs.values()].map(
    ({ at, commit, command, machine }) =>
      `- ${at.slice(0, 16).replace("T", " ")} UTC, commit ${commit}, \`${command}\`: ${machine}`,
  );
  return lines.sort().join("\n");
}

function formatGoals(scenarios: readonly Scenario[], records: readonly RunRecord[]): string {
  const rows = scenarios.flatMap((scenario) => {
    const medians = mediansOf(records, scenario.name);
    return scenario.goals.map((goal) => goalRow(scenario.name, judge(goal, medians)));
  });
  return [row(["scenario", "goal", "measured", ""]), "|---|---|---|---|", ...rows].join("\n");
}

function goalRow(name: string, { goal, measured, verdict }: Judged): string {
  return row([`\`${name}\``, goal, measured, verdict === "missed" ? "**missed**" : verdict]);
}

function formatScenario(scenario: Scenario, records: readonly RunRecord[]): string {
  const { name, title, columns } = scenario;
  const here = records.filter((record) => record.scenario === name);
  const names = scenario.peers.filter((peer) => here.some((record) => record.peer === peer));
  const rows = names.map((peer) => peerRow(scenario, peer, here));
  const head = row(["server", ...columns.map((column) => column.title), "repeats"]);
  const line = `|---|${columns.map(() => "--:|").join("")}--:|`;
  const absent = [...new Set(here.flatMap(({ peer, error }) => (error ? [`- \`${peer}\`: ${error}`] : [])))];
  const table = [head, line, ...rows].join("\n");
  const parts = [`## ${name}`, `${capitalised(title)}.`, table];
  return [...parts, ...(absent.length > 0 ? [absent.join("\n")] : [])].join("\n\n");
}

function peerRow(scenario: Scenario, peer: string, here: readonly RunRecord[]): string {
  const medians = mediansOf(here, scenario.name);
  const counted = here.filter((record) => record.peer === peer && record.error === undefined).length;
  const cells = scenario.columns.map(({ figure }, index) => {
    const value = formatNumber(medians(peer, figure));
    const smallest = index === 0 && counted > 1 ? smallestOf(here, scenario.name, peer, figure) : undefined;
    return smallest === undefined ? value : `${value} (${formatNumber(smallest)})`;
  });
  return row([`\`${peer}\``, ...cells, String(counted)]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
