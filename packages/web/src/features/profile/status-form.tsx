import { LIMITS } from "@parlor/protocol";
import { useState } from "react";
import { call } from "../../lib/api.js";
import { formatClock } from "../../lib/time.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { SelectField, TextField } from "../../ui/field.js";
import { Notice } from "../../ui/notice.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { updateMe, useMe } from "../session/public.js";

const MINUTE = 60_000;
const ENDS = ["never", "half", "hour", "four", "today"] as const;
type End = (typeof ENDS)[number] | "keep";

/** When a status that is set now ends; `null` for never. */
export function endOf(end: Exclude<End, "keep">, now: Date): Date | null {
  switch (end) {
    case "never":
      return null;
    case "half":
      return new Date(now.getTime() + 30 * MINUTE);
    case "hour":
      return new Date(now.getTime() + 60 * MINUTE);
    case "four":
      return new Date(now.getTime() + 240 * MINUTE);
    case "today":
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  }
}

/** What one says of the moment: an emoji, some words, and when they go by themselves. */
export function StatusForm() {
  const me = useMe();
  const running = me.status_until ? new Date(me.status_until) : null;
  const [emoji, setEmoji] = useState(me.status_emoji ?? "");
  const [text, setText] = useState(me.status_text ?? "");
  const [end, setEnd] = useState<End>(running ? "keep" : "never");
  const { profile } = words;

  async function store(status: { emoji: string; text: string; until: Date | null }) {
    const body = {
      status_emoji: status.emoji.trim() || null,
      status_text: status.text.trim() || null,
      status_until: status.until?.toISOString() ?? null,
    };
    const { user } = await call("updateProfile", { params: { user_id: me.id }, body });
    updateMe({ ...me, ...user });
  }
  const { busy, error, onSubmit } = useSubmit(async () => {
    await store({ emoji, text, until: end === "keep" ? running : endOf(end, new Date()) });
    toast(emoji || text ? profile.statusSaved : profile.statusCleared);
  });
  const clearing = useSubmit(async () => {
    await store({ emoji: "", text: "", until: null });
    setEmoji("");
    setText("");
    setEnd("never");
    toast(profile.statusCleared);
  });
  const isSet = Boolean(me.status_emoji || me.status_text);
  const failure = error ?? clearing.error;
  return (
    <form onSubmit={onSubmit} noValidate className="grid gap-5">
      {failure ? <Notice>{failure}</Notice> : null}
      <div className="grid grid-cols-[5rem_1fr] gap-3">
        <TextField
          label={profile.statusEmoji}
          value={emoji}
          onChange={(event) => setEmoji(event.target.value)}
          maxLength={32}
          autoComplete="off"
          className="text-center"
        />
        <TextField
          label={profile.statusLabel}
          placeholder={profile.statusPlaceholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
          maxLength={LIMITS.statusLength}
          autoComplete="off"
        />
      </div>
      <SelectField
        label={profile.statusEnds}
        value={end}
        onChange={(event) => setEnd(event.target.value as End)}
      >
        {running ? <option value="keep">{profile.statusEnd.keep(formatClock(running))}</option> : null}
        {ENDS.map((choice) => (
          <option key={choice} value={choice}>
            {profile.statusEnd[choice]}
          </option>
        ))}
      </SelectField>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={busy}>
          {profile.saveStatus}
        </Button>
        {isSet ? (
          <Button variant="quiet" busy={clearing.busy} onClick={() => void clearing.run()}>
            {profile.clearStatus}
          </Button>
        ) : null}
      </div>
    </form>
  );
}
