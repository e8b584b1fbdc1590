import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a crowd is told to do. */
export type CrowdOrder =
  /** People come in, into the rooms in turn. */
  | { readonly do: "start"; readonly url: string; readonly roomIds: readonly string[]; readonly size: number }
  /** So many of them write, until they rest. */
  | { readonly do: "write"; readonly writers: number }
  | { readonly do: "rest" | "tell" };

/** How a crowd is doing. */
export interface CrowdState {
  /** How many are connected, with nothing missing. */
  readonly live: number;
  /** Messages that are not acknowledged. */
  readonly pending: number;
  /** When each was last live again, milliseconds since 1970. */
  readonly liveAt: readonly number[];
  /** All that was written. */
  readonly written: readonly string[];
  /** The numbers of the messages that each shows. */
  readonly views: readonly (readonly number[])[];
  /** What came over WebSockets. */
  readonly frames: number;
  readonly bytes: number;
  /** Seconds of processor time that its process has used. */
  readonly cpuSeconds: number;
  /** How many people each believes to be here. */
  readonly online: readonly number[];
}

/** Many SDK clients in a process of their own. */
export interface Crowd {
  order(order: CrowdOrder): Promise<CrowdState>;
  end(): void;
}

/** Starts the process of a crowd that is still empty. */
export function startCrowd(): Crowd {
  const child: ChildProcess = fork(
    fileURLToPath(new URL("../../../client/test/support/crowd-main.ts", import.meta.url)),
    {
      execArgv: ["--import", "tsx", "--conditions", "source"],
    },
  );
  return {
    order(order) {
      return new Promise((resolve, reject) => {
        const onEnd = () => reject(new Error("the crowd has ended"));
        child.once("exit", onEnd);
        child.once("message", (state) => {
          child.off("exit", onEnd);
          resolve(state as CrowdState);
        });
        child.send(order);
      });
    },
    end: () => child.kill("SIGKILL"),
  };
}
