/** What one look found: which hop, how it is, and what to do where it is not well. */
export interface Finding {
  readonly hop: string;
  /** `open`: nobody can tell from here, or it is not set up. */
  readonly state: "well" | "doubtful" | "ill" | "open";
  /** What was seen. */
  readonly says: string;
  /** What to do. */
  readonly cure?: string;
}

/** Looks at one hop; whatever it throws is what is wrong with it. */
export async function lookAt(
  hop: string,
  cure: string,
  look: () => Promise<Omit<Finding, "hop">>,
): Promise<Finding> {
  try {
    return { hop, ...(await look()) };
  } catch (error) {
    return { hop, state: "ill", says: wordsOf(error), cure };
  }
}

/** An error in one line; that of `fetch` hides its cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? wordsOf(inner) : error.message.split("\n")[0] || error.name;
}

const MARKS = { well: "ok  ", doubtful: "look", ill: "FAIL", open: "-   " } as const;

/** A finding as a line or two for a person. */
export function lineOf({ hop, state, says, cure }: Finding): string {
  const line = `${MARKS[state]}  ${hop}: ${says}`;
  return cure === undefined ? line : `${line}\n      -> ${cure}`;
}
