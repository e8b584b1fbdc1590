import { useEffect, useMemo, useSyncExternalStore } from "react";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { isRunning, type Tray, type TrayItem, trayOf } from "./tray.js";
import type { Recording } from "./uploads.js";

/** The files of the next message, as the composer sees them. */
export interface ComposerFiles {
  readonly tray: Tray;
  readonly items: readonly TrayItem[];
  /** Ids of what is uploaded, for the message. */
  readonly ids: readonly string[];
  /** Whether the message goes as soon as the uploads are done. */
  readonly armed: boolean;
  /** Whether a message that was held may go now. */
  readonly due: boolean;
  /** Whether the message has to wait: then it goes by itself later, or the person was told what is in the way. */
  hold(): boolean;
  /** A held message goes no more by itself: it is being changed. */
  release(): void;
  add(files: readonly File[]): void;
  /** Sends a voice message as soon as it is uploaded. */
  addVoice(file: File, recording: Recording, now: boolean): void;
  clear(): void;
}

/** Loads what uploads, on first use. */
export async function withUploads(use: (uploads: typeof import("./uploads.js")) => unknown): Promise<void> {
  try {
    await use(await import("./uploads.js"));
  } catch {
    toast(words.errors.unreachable, "error");
  }
}

/** The files of the next message in a room. */
export function useTray(roomId: string): ComposerFiles {
  const tray = trayOf(roomId, useMe().id);
  const state = useSyncExternalStore(tray.subscribe, () => tray.state);
  useEffect(() => {
    // Who leaves the room does not want a message to go when they come back.
    tray.arm(false);
    return () => tray.arm(false);
  }, [tray]);
  return useMemo(() => {
    const { items, armed } = state;
    const running = items.some(isRunning);
    return {
      tray,
      items,
      ids: items.flatMap(({ attachment }) => attachment?.id ?? []),
      armed,
      // As it is now: what was let go since this was drawn is not due.
      get due() {
        const now = tray.state;
        return now.armed && now.items.length > 0 && !now.items.some(isRunning);
      },
      hold() {
        if (items.some(({ status }) => status === "failed")) {
          toast(words.files.failedInWay, "error");
          return true;
        }
        // A second press takes it back.
        tray.arm(running && !armed);
        return running;
      },
      release: () => tray.arm(false),
      add: (files) => void withUploads((uploads) => uploads.addFiles(tray, files)),
      addVoice: (file, recording, now) =>
        void withUploads(async (uploads) => {
          await uploads.addFiles(tray, [file], recording);
          if (now) tray.arm(true);
        }),
      clear: () => tray.clear(),
    };
  }, [tray, state]);
}
