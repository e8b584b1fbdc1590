import { type ErrorCode, ParlorError } from "@parlor/protocol";

/** A device to choose. Its label is empty until the person has let the page use one of its kind. */
export interface CallDevice {
  readonly id: string;
  readonly label: string;
}

/** The devices of this machine. */
export interface CallDevices {
  readonly microphones: readonly CallDevice[];
  readonly cameras: readonly CallDevice[];
  /** Empty where the browser does not let pages choose. */
  readonly speakers: readonly CallDevice[];
}

/** How a microphone is opened; what the browser does against noise and echo is on unless it is turned off. */
export interface MicrophoneOptions {
  readonly deviceId?: string | undefined;
  readonly noiseSuppression?: boolean | undefined;
  readonly echoCancellation?: boolean | undefined;
  readonly autoGainControl?: boolean | undefined;
}

/** How a camera is opened. */
export interface CameraOptions {
  readonly deviceId?: string | undefined;
  /** On a phone: towards the person, or away from them. */
  readonly facing?: "user" | "environment" | undefined;
}

/** A picture that a small call carries well; more is scaled down by the senders anyway. */
const CAMERA = { width: { ideal: 1_280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** Opens a microphone, asking the person where that is due. Throws `media_denied`, `media_missing` or `media_busy`. */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<MediaStreamTrack> {
  const { deviceId, noiseSuppression = true, echoCancellation = true, autoGainControl = true } = options;
  const how = { noiseSuppression, echoCancellation, autoGainControl };
  return await openChosen(deviceId, (chosen) => openTrack({ audio: { ...how, ...chosen } }));
}

/** Opens a camera, asking the person where that is due. Throws `media_denied`, `media_missing` or `media_busy`. */
export async function openCamera({ deviceId, facing }: CameraOptions = {}): Promise<MediaStreamTrack> {
  const how = { ...CAMERA, ...(facing ? { facingMode: { ideal: facing } } : {}) };
  return await openChosen(deviceId, (chosen) => openTrack({ video: { ...how, ...chosen } }));
}

/** Lets the person choose a screen, a window or a tab to share; `null` when they chose none. */
export async function openScreen(): Promise<MediaStream | null> {
  const { mediaDevices } = navigator;
  if (typeof mediaDevices?.getDisplayMedia !== "function") throw new ParlorError("media_missing", NO_SCREENS);
  try {
    return await mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
  } catch (cause) {
    if (nameOf(cause) === "NotAllowedError") return null;
    throw mediaError(cause);
  }
}

/** Lists the devices of this machine. */
export async function listDevices(): Promise<CallDevices> {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const ofKind = (kind: MediaDeviceKind) =>
    found.filter((one) => one.kind === kind).map(({ deviceId: id, label }) => ({ id, label }));
  return {
    microphones: ofKind("audioinput"),
    cameras: ofKind("videoinput"),
    speakers: ofKind("audiooutput"),
  };
}

/** Calls back when a device is plugged in or taken away; answers how to stop. */
export function onDevicesChanged(listener: () => void): () => void {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return () => {};
  mediaDevices.addEventListener("devicechange", listener);
  return () => mediaDevices.removeEventListener("devicechange", listener);
}

async function openTrack(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  const { mediaDevices } = navigator;
  // Only pages of https and of this machine have devices at all.
  if (!mediaDevices) throw new ParlorError("media_denied", NOT_SECURE);
  try {
    const [track] = (await mediaDevices.getUserMedia(constraints)).getTracks();
    if (!track) throw new ParlorError("media_missing");
    return track;
  } catch (cause) {
    throw mediaError(cause);
  }
}

/**
 * Opens the device that was chosen, which browsers do for sure only when nothing else will do. It may be gone since: any
 * other is better than none.
 */
async function openChosen(
  deviceId: string | undefined,
  open: (chosen: MediaTrackConstraints) => Promise<MediaStreamTrack>,
): Promise<MediaStreamTrack> {
  if (deviceId === undefined) return await open({});
  try {
    return await open({ deviceId: { exact: deviceId } });
  } catch (error) {
    if (!(error instanceof ParlorError) || error.code !== "media_missing") throw error;
    return await open({});
  }
}

const NOT_SECURE = "Browsers give camera and microphone only to pages of https. Open this page with https.";
const NO_SCREENS = "This browser cannot share a screen.";

const CODES: Readonly<Record<string, ErrorCode>> = {
  NotAllowedError: "media_denied",
  SecurityError: "media_denied",
  NotFoundError: "media_missing",
  OverconstrainedError: "media_missing",
  NotReadableError: "media_busy",
  AbortError: "media_busy",
};

function mediaError(cause: unknown): ParlorError {
  if (cause instanceof ParlorError) return cause;
  return new ParlorError(CODES[nameOf(cause)] ?? "media_busy", undefined, { cause });
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : "";
}
