import { openCamera, openMicrophone } from "@parlor/client";
import { callPreferences } from "./call-preferences.js";

/** Opens the microphone that was chosen last, or any other. */
export function openOwnMicrophone(): Promise<MediaStreamTrack> {
  const { microphone, noiseSuppression, echoCancellation } = callPreferences();
  return openMicrophone({ deviceId: microphone ?? undefined, noiseSuppression, echoCancellation });
}

/** Opens the camera that was chosen last, or any other. */
export function openOwnCamera(): Promise<MediaStreamTrack> {
  return openCamera({ deviceId: callPreferences().camera ?? undefined });
}
