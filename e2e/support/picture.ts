import type { Page } from "playwright-core";

/** A file as playwright takes it. */
export interface TestFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A picture drawn by the browser, so that the test needs no file; noise makes it as many bytes as wanted. */
export async function drawPicture(
  page: Page,
  name: string,
  { width = 640, height = 400, noise = false, type = "image/png" } = {},
): Promise<TestFile> {
  const base64 = await page.evaluate(
    async ([w, h, withNoise, mime]) => {
      const canvas = new OffscreenCanvas(w, h);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      const sky = context.createLinearGradient(0, 0, w, h);
      sky.addColorStop(0, "#2f6f8f");
      sky.addColorStop(0.6, "#e9b872");
      sky.addColorStop(1, "#7a3b2e");
      context.fillStyle = sky;
      context.fillRect(0, 0, w, h);
      if (withNoise) {
        const data = context.getImageData(0, 0, w, h);
        for (let at = 0; at < data.data.length; at++)
          data.data[at] = (data.data[at] ?? 0) ^ (Math.random() * 64);
        context.putImageData(data, 0, 0);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: mime })).arrayBuffer());
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    },
    [width, height, noise, type] as const,
  );
  return { name, mimeType: type, buffer: Buffer.from(base64, "base64") };
}
