import { LogOut } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useUnsent } from "../../lib/unsent.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";
import { leave, shownName, useMe } from "../session/public.js";

/** Logs an account out; warns a guest, for whom there is no way back. */
export function LeaveSection() {
  const me = useMe();
  const unsent = [...useUnsent().values()].reduce((sum, room) => sum + room.waiting + room.failed, 0);
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useSubmit(async () => {
    await leave();
    navigate("/");
  });
  const { profile } = words;
  const close = () => setAsking(false);
  return (
    <section
      aria-label={me.account ? profile.leave : profile.leaveGuest}
      className="flex flex-wrap items-center justify-between gap-4 border-t border-line pt-8"
    >
      <p className="text-sm text-ink-soft">{me.account ? profile.leaveText : profile.leaveGuestText}</p>
      <Button
        variant="danger-quiet"
        busy={busy}
        onClick={() => (me.account && unsent === 0 ? void run() : setAsking(true))}
      >
        <LogOut aria-hidden="true" className="size-4" />
        {me.account ? profile.leave : profile.leaveGuest}
      </Button>
      {error ? <Notice>{error}</Notice> : null}
      <Dialog
        open={asking}
        onClose={close}
        title={me.account ? profile.leaveUnsentTitle : profile.leaveGuestTitle}
        description={[
          me.account ? "" : profile.leaveGuestWarning(shownName(me)),
          unsent > 0 ? profile.leaveUnsentWarning(unsent) : "",
        ]
          .join(" ")
          .trim()}
      >
        <div className="flex flex-wrap justify-end gap-2 px-5 pt-4 pb-5 sm:px-6">
          <Button variant="outline" onClick={close} autoFocus>
            {me.account ? words.common.cancel : profile.setPasswordFirst}
          </Button>
          <Button variant="danger" busy={busy} onClick={() => void run()}>
            {me.account ? profile.leave : profile.leaveGuest}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}
