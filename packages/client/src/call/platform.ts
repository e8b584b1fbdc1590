/** What calls use of the browser; tests and other environments bring their own. */
export interface CallPlatform {
  createConnection(configuration: RTCConfiguration): RTCPeerConnection;
  createStream(): MediaStream;
  /** A meter of a track's loudness; `null` where there is none. */
  createMeter(track: MediaStreamTrack): Meter | null;
  /** Calls back when the page goes away; answers how to stop. */
  onPageHide(listener: () => void): () => void;
}

/** Measures how loud a track is. */
export interface Meter {
  /** Loudness now, 0 to 1. */
  read(): number;
  close(): void;
}

/** The browser's own parts. */
export function browserPlatform(): CallPlatform {
  return {
    createConnection: (configuration) => new RTCPeerConnection(configuration),
    createStream: () => new MediaStream(),
    createMeter,
    onPageHide(listener) {
      if (typeof window === "undefined") return () => {};
      window.addEventListener("pagehide", listener);
      return () => window.removeEventListener("pagehide", listener);
    },
  };
}

/** Measures a microphone before and during a call; `null` where the browser cannot. */
export function createMeter(track: MediaStreamTrack): Meter | null {
  if (typeof AudioContext === "undefined") return null;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1_024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  // A page that was not touched yet may not start it; the next act of the person does.
  const wake = () => void context.resume().catch(() => {});
  wake();
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      if (context.state === "suspended") wake();
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      return loudnessOf(Math.sqrt(sum / samples.length));
    },
    close() {
      source.disconnect();
      void context.close().catch(() => {});
    },
  };
}

/** A root mean square as a person hears it: -60 dB and below is 0, full scale is 1. */
export function loudnessOf(rms: number): number {
  if (rms <= 0.001) return 0;
  return Math.min(1, (20 * Math.log10(rms) + 60) / 60);
}
