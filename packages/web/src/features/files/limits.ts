import type { Limits } from "@parlor/protocol";
import { useEffect, useState } from "react";
import { call } from "../../lib/api.js";
import { whenIdle } from "../../ui/part.js";

let asked: Promise<Limits> | null = null;
let answer: Limits | null = null;

/** What this server takes, asked once in a page's life; `null` when it cannot be reached. */
export async function readLimits(): Promise<Limits | null> {
  asked ??= call("getLimits").then((limits) => {
    answer = limits;
    return limits;
  });
  try {
    return await asked;
  } catch {
    asked = null;
    return null;
  }
}

/** What this server takes, once it is known. */
export function useLimits(): Limits | null {
  const [limits, setLimits] = useState(answer);
  useEffect(() => {
    if (answer) return;
    let gone = false;
    const cancel = whenIdle(() => void readLimits().then((read) => gone || setLimits(read)));
    return () => {
      gone = true;
      cancel();
    };
  }, []);
  return limits;
}
