import type { Page } from "playwright-core";

/** Runs in the page: its camera shows one drawn picture, its microphone is silent. */
function replaceDevices(picture: string): void {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  function film(): MediaStreamTrack | undefined {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const pen = canvas.getContext("2d");
    const image = Object.assign(new Image(), { src: picture });
    // A canvas gives a picture for each time that it is drawn.
    setInterval(() => pen?.drawImage(image, 0, 0), 200);
    return canvas.captureStream(5).getVideoTracks()[0];
  }
  function silence(): MediaStreamTrack | undefined {
    return new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  }
  devices.getUserMedia = async (wanted) =>
    new MediaStream(
      [wanted?.video ? film() : null, wanted?.audio ? silence() : null].filter((track) => !!track),
    );
}

/** Gives a page a camera that shows a picture, as PNG. */
export async function giveCamera(page: Page, picture: Buffer): Promise<void> {
  // What runs TypeScript for a script puts this helper of its own into functions; a page does not have it.
  await page.addInitScript("globalThis.__name ??= (named) => named");
  await page.addInitScript(replaceDevices, `data:image/png;base64,${picture.toString("base64")}`);
}
