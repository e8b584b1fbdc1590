import { Bell } from "lucide-react";
import { Button } from "../../ui/button.js";
import { SwitchField } from "../../ui/switch-field.js";
import { words } from "../../words/words.js";
import { allowNotifications, setNotifications, useNotifyState } from "../attention/public.js";

/** Notifications of this device: the browser's permission, then the person's own switch. */
export function NotificationField() {
  const state = useNotifyState();
  const { notifications } = words;
  switch (state) {
    case "unsupported":
      return <p className="text-ink-soft">{notifications.unsupported}</p>;
    case "denied":
      return <p className="text-ink-soft">{notifications.denied}</p>;
    case "unasked":
    case "declined":
      return (
        <div>
          <Button onClick={() => void allowNotifications()}>
            <Bell aria-hidden="true" className="size-4" />
            {notifications.enable}
          </Button>
        </div>
      );
    case "on":
    case "off":
      return <SwitchField label={notifications.on} checked={state === "on"} onChange={setNotifications} />;
  }
}
