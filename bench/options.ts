import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  /** Compare with the last results, and leave them as they are. */
  readonly short: boolean;
  /** Write CPU profiles of our server, and say where its time goes; the figures are not kept. */
  readonly profile: boolean;
  /** Names to run; all when empty. */
  readonly scenarios: readonly string[];
  readonly peers: readonly string[];
  readonly repeats?: number;
  readonly seconds?: number;
  readonly warmupSeconds?: number;
}

/** How it is called. */
export const usage = `npm run bench -- [--short | --profile] [--scenarios a,b] [--peers a,b] [--repeats n] [--seconds s] [--warmup s]`;

/** Reads the command line; throws an error with one line when it can not. */
export function readOptions(
  args: readonly string[],
  known: { readonly scenarios: readonly string[]; readonly peers: readonly string[] },
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      scenarios: { type: "string" },
      peers: { type: "string" },
      repeats: { type: "string" },
      seconds: { type: "string" },
      warmup: { type: "string" },
    },
  });
  const repeats = numberOf("repeats", values.repeats);
  const seconds = numberOf("seconds", values.seconds);
  const warmupSeconds = numberOf("warmup", values.warmup);
  return {
    short: values.short,
    profile: values.profile,
    scenarios: namesOf("scenario", values.scenarios, known.scenarios),
    peers: namesOf("peer", values.peers, known.peers),
    ...(repeats !== undefined && { repeats }),
    ...(seconds !== undefined && { seconds }),
    ...(warmupSeconds !== undefined && { warmupSeconds }),
  };
}

function namesOf(what: string, text: string | undefined, known: readonly string[]): string[] {
  const names = text?.split(",").filter((name) => name !== "") ?? [];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no ${what} ${unknown.join(", ")}, only ${known.join(", ")}`);
  return names;
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
}
