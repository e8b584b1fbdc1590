import type { CallPerson } from "@parlor/client";
import { Volume2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button.js";
import { useCallPreferences } from "./call-preferences.js";
import { callWords } from "./call-words.js";

type Sink = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

function Sound({
  stream,
  speaker,
  onBlocked,
}: {
  stream: MediaStream;
  speaker: string | null;
  onBlocked: () => void;
}) {
  const audio = useRef<Sink>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = stream;
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
    return () => {
      element.srcObject = null;
    };
  }, [stream, onBlocked]);
  useEffect(() => {
    // A speaker that is gone: the browser's own goes on.
    if (speaker !== null) audio.current?.setSinkId?.(speaker).catch(() => {});
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: people who talk now have no captions.
  return <audio ref={audio} autoPlay data-call-sound="" />;
}

/** All voices and the sound of screens, whatever page is shown; and the way out where the browser holds them back. */
export function CallSound({ people }: { people: readonly CallPerson[] }) {
  const { speaker } = useCallPreferences();
  const [isBlocked, setBlocked] = useState(false);
  const [block] = useState(() => () => setBlocked(true));
  const box = useRef<HTMLDivElement>(null);
  function unblock() {
    setBlocked(false);
    for (const audio of box.current?.querySelectorAll("audio") ?? []) audio.play().catch(block);
  }
  return (
    <div ref={box}>
      {people.flatMap(({ legId, voice, screen }) =>
        [voice, screen?.getAudioTracks().length ? screen : null].map((stream, index) =>
          stream ? (
            <Sound
              key={`${legId}-${index === 0 ? "voice" : "screen"}`}
              stream={stream}
              speaker={speaker}
              onBlocked={block}
            />
          ) : null,
        ),
      )}
      {isBlocked ? (
        <div className="fixed inset-x-0 top-20 z-40 flex justify-center">
          <Button variant="primary" onClick={unblock}>
            <Volume2 aria-hidden="true" className="size-4.5" />
            {callWords().soundOn}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
