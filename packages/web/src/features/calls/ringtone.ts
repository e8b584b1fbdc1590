const EVERY = 2_400;
const NOTES = [523, 659];

/** Two soft notes, again and again, made here; answers how to stop. A page that was not touched yet stays silent. */
export function startRingtone(): () => void {
  if (typeof AudioContext === "undefined") return () => {};
  const context = new AudioContext();
  const play = () => {
    if (context.state !== "running") return;
    for (const [index, note] of NOTES.entries()) {
      const at = context.currentTime + index * 0.28;
      const tone = new OscillatorNode(context, { frequency: note });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.linearRampToValueAtTime(0.12, at + 0.04);
      gain.gain.linearRampToValueAtTime(0, at + 0.5);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    }
  };
  play();
  const timer = setInterval(play, EVERY);
  return () => {
    clearInterval(timer);
    void context.close().catch(() => {});
  };
}
