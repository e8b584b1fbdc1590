import type { CallClient } from "@parlor/client";
import { useEffect } from "react";
import { isTyping, useShortcuts } from "../../lib/shortcuts.js";
import { toggleCamera, toggleHand, toggleMute } from "./call-actions.js";
import { callPreferences } from "./call-preferences.js";

/** The keys of a call, on every page while it goes on: M, V, H, and the space bar to talk. */
export function useCallKeys(client: CallClient): void {
  useShortcuts({
    mute: () => toggleMute(client),
    camera: () => toggleCamera(client),
    hand: () => toggleHand(client),
  });
  useEffect(() => {
    let isHeld = false;
    const letGo = () => {
      if (isHeld) client.setMuted(true);
      isHeld = false;
    };
    const onDown = (event: KeyboardEvent) => {
      if (event.key !== " " || !callPreferences().pushToTalk || isTyping(event.target)) return;
      // A button that has the focus is not pressed by it.
      event.preventDefault();
      if (event.repeat || isHeld) return;
      isHeld = true;
      client.setMuted(false);
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key !== " " || !isHeld) return;
      event.preventDefault();
      letGo();
    };
    window.addEventListener("keydown", onDown, true);
    window.addEventListener("keyup", onUp, true);
    window.addEventListener("blur", letGo);
    return () => {
      window.removeEventListener("keydown", onDown, true);
      window.removeEventListener("keyup", onUp, true);
      window.removeEventListener("blur", letGo);
    };
  }, [client]);
}
