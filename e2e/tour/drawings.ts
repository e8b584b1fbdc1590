import type { Page } from "playwright-core";

async function draw(page: Page, width: number, height: number, body: string): Promise<Buffer> {
  await page.setViewportSize({ width, height });
  await page.setContent(`<body style="margin:0"><svg width="${width}" height="${height}">${body}</svg>`);
  return await page.screenshot();
}

/** A face: two soft shapes on a colour. */
export function drawFace(page: Page, hue: number): Promise<Buffer> {
  return draw(
    page,
    240,
    240,
    `<rect width="240" height="240" fill="hsl(${hue} 45% 62%)"/><circle cx="120" cy="98" r="48" fill="hsl(${hue} 60% 88%)"/><ellipse cx="120" cy="238" rx="86" ry="80" fill="hsl(${hue} 50% 38%)"/>`,
  );
}

/** Tomatoes in a crate, more or less. */
export function drawMarket(page: Page): Promise<Buffer> {
  const fruit = Array.from({ length: 40 }, (_, n) => {
    const [x, y] = [60 + (n % 8) * 96 + (Math.floor(n / 8) % 2) * 40, 120 + Math.floor(n / 8) * 88];
    const hue = [4, 8, 14, 28, 40][n % 5];
    return `<circle cx="${x}" cy="${y}" r="52" fill="hsl(${hue} 72% ${46 + (n % 3) * 4}%)"/><ellipse cx="${x - 16}" cy="${y - 20}" rx="12" ry="8" fill="hsl(${hue} 80% 72%)"/><path d="M${x} ${y - 40}l-12 -10m12 10l12 -10m-12 10v-14" stroke="hsl(110 35% 34%)" stroke-width="6" stroke-linecap="round"/>`;
  }).join("");
  return draw(
    page,
    880,
    560,
    `<rect width="880" height="560" fill="hsl(32 38% 40%)"/>${fruit}<rect y="500" width="880" height="60" fill="hsl(32 40% 30%)"/>`,
  );
}

/** Somebody in front of their camera: a wall, a window, and the face of {@link drawFace}. */
export function drawPortrait(page: Page, hue: number): Promise<Buffer> {
  return draw(
    page,
    640,
    360,
    `<rect width="640" height="360" fill="hsl(${hue} 24% 78%)"/><rect x="${hue % 2 ? 60 : 420}" y="40" width="150" height="170" rx="8" fill="hsl(205 60% 84%)" stroke="hsl(${hue} 20% 94%)" stroke-width="12"/><rect y="300" width="640" height="60" fill="hsl(${hue} 22% 62%)"/><ellipse cx="320" cy="370" rx="150" ry="130" fill="hsl(${hue} 50% 38%)"/><circle cx="320" cy="170" r="78" fill="hsl(${hue} 60% 88%)"/>`,
  );
}
