import type { Page } from "playwright-core";
import type { WORDS } from "./texts.js";
import type { World } from "./world.js";

type Words = (typeof WORDS)["en"];

/** What an act of the tour has at hand. */
export interface Guide {
  readonly page: Page;
  readonly world: World;
  readonly words: Words;
}

/** A screen, dialog or menu of the client, and the way there. */
export interface Stop {
  readonly name: string;
  /** What it is, for the gallery. */
  readonly title: string;
  readonly as: keyof World["states"];
  readonly path: (world: World) => string;
  /** What has to be arranged before the page opens. */
  readonly before?: (guide: Guide) => Promise<void>;
  /** From the opened page to what is shown; waits until it is there. */
  readonly act: (guide: Guide) => Promise<void>;
  /** Left out of the gallery: a small thing that another picture shows. */
  readonly minor?: boolean;
}

/** The conversation is there, down to its end. */
export async function inRoom({ page, world }: Guide): Promise<void> {
  const { lines } = world.texts;
  await page
    .getByRole("log")
    .getByText(lines.answer.split("\n")[0] ?? "")
    .first()
    .waitFor();
}
