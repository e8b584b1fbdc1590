import { type CallClient, openScreen } from "@parlor/client";
import { toast } from "../../ui/toast.js";
import { callPreferences, preferForCalls } from "./call-preferences.js";
import { explainCall } from "./call-words.js";
import { openOwnCamera, openOwnMicrophone } from "./open-devices.js";

type Device = "microphone" | "camera" | "screen";

/** Devices that are being opened, by call, and whether each is wanted once more: another one was chosen meanwhile. */
const opening = new WeakMap<CallClient, Map<Device, { isWantedAgain: boolean }>>();

/** Opens one device at a time of each kind. A second question for a screen, while the first is asked, is none. */
async function opens(client: CallClient, device: Device, open: () => Promise<void>): Promise<void> {
  const own = opening.get(client) ?? new Map<Device, { isWantedAgain: boolean }>();
  opening.set(client, own);
  const before = own.get(device);
  if (before) {
    before.isWantedAgain = device !== "screen";
    return;
  }
  const turn = { isWantedAgain: true };
  own.set(device, turn);
  try {
    while (turn.isWantedAgain) {
      turn.isWantedAgain = false;
      await open();
    }
  } catch (error) {
    toast(explainCall(error), "error");
  } finally {
    own.delete(device);
  }
}

/** Whether the call still goes on: a device may come when it is over. */
function isIn(client: CallClient): boolean {
  return client.state.status !== "ended" && client.state.status !== "idle";
}

/** Opens the chosen microphone for the call, in place of the one that there is. */
export function renewMicrophone(client: CallClient): Promise<void> {
  return opens(client, "microphone", async () => {
    const track = await openOwnMicrophone();
    if (isIn(client)) client.setMicrophone(track);
    else track.stop();
  });
}

/** Opens the chosen camera for the call, in place of the one that there is. */
export function renewCamera(client: CallClient): Promise<void> {
  return opens(client, "camera", async () => {
    const track = await openOwnCamera();
    if (!isIn(client)) return track.stop();
    client.setCamera(track);
  });
}

/** Mutes, or is heard again; somebody who came without a microphone gets one. */
export function toggleMute(client: CallClient): void {
  const { isMuted, hasMicrophone } = client.state.me;
  if (!hasMicrophone) {
    client.setMuted(false);
    void renewMicrophone(client);
    return;
  }
  client.setMuted(!isMuted);
  if (!callPreferences().pushToTalk) preferForCalls({ isMuted: !isMuted });
}

/** Turns the camera off or on. */
export function toggleCamera(client: CallClient): void {
  const isOn = client.state.me.camera !== null;
  preferForCalls({ isCameraOff: isOn });
  if (isOn) client.setCamera(null);
  else void renewCamera(client);
}

/** Shares a screen, or stops. */
export function toggleScreen(client: CallClient): void {
  if (client.state.me.screen) {
    client.setScreen(null);
    return;
  }
  void opens(client, "screen", async () => {
    const stream = await openScreen();
    if (stream && isIn(client)) client.setScreen(stream);
    else for (const track of stream?.getTracks() ?? []) track.stop();
  });
}

/** Raises the hand, or lowers it. */
export function toggleHand(client: CallClient): void {
  client.raiseHand(client.state.me.hand === null);
}

/** Whether this browser can share a screen; phones cannot. */
export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
