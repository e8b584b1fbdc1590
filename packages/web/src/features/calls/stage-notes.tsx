import type { CallClient, CallState } from "@parlor/client";
import { type LucideIcon, MicOff, MonitorUp, UserPlus, WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../../lib/cx.js";
import { Button } from "../../ui/button.js";
import { toggleMute, toggleScreen } from "./call-actions.js";
import { callWords } from "./call-words.js";

function Note({ icon: Icon, text, children }: { icon: LucideIcon; text: string; children?: ReactNode }) {
  return (
    <div className="flex animate-rise flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg bg-surface px-3 py-1.5 text-sm shadow-2 ring-1 ring-line">
      <Icon aria-hidden="true" className="size-4 shrink-0 text-brass" />
      <span className="min-w-0 flex-1 py-1">{text}</span>
      {children ? <span className="flex gap-1.5">{children}</span> : null}
    </div>
  );
}

/** What somebody in a call has to know or decide now. */
export function StageNotes({ client, state }: { client: CallClient; state: CallState }) {
  const words = callWords();
  const { me, status, waiting } = state;
  return (
    <div
      role="status"
      // What says that the call is recorded stands above, and is never hidden.
      className={cx(
        state.recording ? "top-14" : "top-2",
        "pointer-events-none absolute inset-x-0 z-10 mx-auto grid w-fit max-w-[calc(100%-1rem)] gap-1.5 *:pointer-events-auto",
      )}
    >
      {status === "reconnecting" ? <Note icon={WifiOff} text={words.reconnecting} /> : null}
      {me.screen ? (
        <Note icon={MonitorUp} text={words.sharing}>
          <Button size="sm" variant="danger" onClick={() => toggleScreen(client)}>
            {words.stopShare}
          </Button>
        </Note>
      ) : null}
      {me.isTalkingMuted ? (
        <Note icon={MicOff} text={words.youAreMuted}>
          <Button size="sm" variant="outline" onClick={() => toggleMute(client)}>
            {words.unmute}
          </Button>
        </Note>
      ) : null}
      {me.isVideoHeldBack ? <Note icon={WifiOff} text={words.heldBack} /> : null}
      {waiting.map(({ leg_id, username }) => (
        <Note key={leg_id} icon={UserPlus} text={words.asksIn(username)}>
          <Button size="sm" variant="primary" onClick={() => client.moderate("admit", leg_id)}>
            {words.admit}
          </Button>
          <Button size="sm" variant="quiet" onClick={() => client.moderate("deny", leg_id)}>
            {words.deny}
          </Button>
        </Note>
      ))}
    </div>
  );
}
