import { ArrowLeft, Check, CircleAlert, Copy, Info, Stethoscope } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useSearch } from "wouter";
import { cx } from "../../lib/cx.js";
import { useTitle } from "../../lib/use-title.js";
import { Button } from "../../ui/button.js";
import { copyText } from "../../ui/copy-text.js";
import { Spinner } from "../../ui/spinner.js";
import { words as pageWords } from "../../words/words.js";
import { roomPath, useInbox } from "../rooms/public.js";
import { useMe } from "../session/public.js";
import { callWords } from "./call-words.js";
import { type Finding, lookAtAll } from "./checks.js";

const LOOKS = {
  fine: { icon: Check, className: "bg-accent-wash text-accent" },
  note: { icon: Info, className: "bg-brass-wash text-brass" },
  ill: { icon: CircleAlert, className: "bg-danger-wash text-danger" },
} as const;

/** What a finding says, and what to do. */
function tellFinding({ trouble, took }: Finding): string {
  const words = callWords();
  if (trouble) return words.check.troubles[trouble];
  return took === null ? words.check.fine : `${words.check.fine}, ${words.ms(Math.round(took))}`;
}

function FindingLine({ finding }: { finding: Finding }) {
  const { icon: Icon, className } = LOOKS[finding.state];
  return (
    <li className="flex gap-3.5 py-3">
      <span className={cx("grid size-9 shrink-0 place-items-center rounded-md", className)}>
        <Icon aria-hidden="true" className="size-4.5" />
      </span>
      <span className="min-w-0">
        <span className="block font-medium">{callWords().check.steps[finding.step]}</span>
        <span className="block text-sm text-pretty text-ink-soft">{tellFinding(finding)}</span>
      </span>
    </li>
  );
}

/** What of a call works between this browser and the server, step by step, each with its cure. */
export function CheckPage() {
  const words = callWords();
  const { check } = words;
  const { id: userId } = useMe();
  const inbox = useInbox();
  const asked = new URLSearchParams(useSearch()).get("room");
  const roomId = asked ?? inbox?.rooms[0]?.id ?? null;
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [state, setState] = useState<"new" | "looking" | "done">("new");
  const turn = useRef(0);
  useTitle(check.title);

  async function look() {
    turn.current += 1;
    const mine = turn.current;
    setFindings([]);
    setState("looking");
    await lookAtAll({ userId, roomId }, (finding) => {
      if (mine === turn.current) setFindings((before) => [...before, finding]);
    });
    if (mine === turn.current) setState("done");
  }

  const ill = findings.filter((finding) => finding.state === "ill").length;
  const text = () =>
    [
      ...findings.map((finding) => `${check.steps[finding.step]}: ${tellFinding(finding)}`),
      navigator.userAgent,
      new Date().toISOString(),
    ].join("\n");
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto max-w-2xl px-4 pb-16 sm:px-8">
        <header className="flex h-16 items-center gap-1 sm:mt-6">
          <Link
            href={roomId === null ? "/" : roomPath(roomId)}
            aria-label={pageWords.common.back}
            className="-ms-2 grid size-10 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
          >
            <ArrowLeft aria-hidden="true" className="size-5 rtl:-scale-x-100" />
          </Link>
          <h1 className="text-xl font-semibold tracking-[-0.02em] sm:text-2xl">{check.title}</h1>
        </header>
        <p className="text-pretty text-ink-soft">{check.intro}</p>
        <ul aria-label={check.title} className="mt-5 divide-y divide-line">
          {findings.map((finding) => (
            <FindingLine key={finding.step} finding={finding} />
          ))}
        </ul>
        <p role="status" className="flex min-h-12 items-center gap-2.5 py-3 font-medium">
          {state === "looking" ? (
            <>
              <Spinner />
              {check.looking}
            </>
          ) : state === "done" ? (
            ill === 0 ? (
              check.ready
            ) : (
              check.ill(ill)
            )
          ) : null}
        </p>
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" busy={state === "looking"} onClick={() => void look()}>
            <Stethoscope aria-hidden="true" className="size-4.5" />
            {state === "new" ? check.begin : check.again}
          </Button>
          {state === "done" ? (
            <Button variant="outline" onClick={() => void copyText(text())}>
              <Copy aria-hidden="true" className="size-4" />
              {check.copy}
            </Button>
          ) : null}
        </div>
      </div>
    </main>
  );
}
