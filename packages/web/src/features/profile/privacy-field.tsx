import type { ProfileUpdate } from "@parlor/protocol";
import { useState } from "react";
import { call } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { SwitchField } from "../../ui/switch-field.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { updateMe, useMe } from "../session/public.js";

type Setting = "read_receipts" | "show_last_seen";

/** What others see of one's reading and presence. */
export function PrivacyField() {
  const me = useMe();
  const [changing, setChanging] = useState<{ setting: Setting; value: boolean } | null>(null);
  async function change(setting: Setting, value: boolean) {
    setChanging({ setting, value });
    const body: ProfileUpdate = { [setting]: value };
    // It shows at once, so it must hold also for a page that is left at once.
    try {
      const { user } = await call("updateProfile", { params: { user_id: me.id }, body, keepalive: true });
      updateMe({ ...user, [setting]: user[setting] ?? value });
    } catch (error) {
      toast(explain(error), "error");
    }
    setChanging(null);
  }
  const stateOf = (setting: Setting) =>
    changing?.setting === setting ? changing.value : (me[setting] ?? true);
  const { profile } = words;
  return (
    <>
      <SwitchField
        label={profile.receipts}
        hint={profile.receiptsText}
        checked={stateOf("read_receipts")}
        disabled={changing !== null}
        onChange={(value) => void change("read_receipts", value)}
      />
      <SwitchField
        label={profile.lastSeen}
        hint={profile.lastSeenText}
        checked={stateOf("show_last_seen")}
        disabled={changing !== null}
        onChange={(value) => void change("show_last_seen", value)}
      />
    </>
  );
}
