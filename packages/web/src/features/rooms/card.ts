// What the card of a person, loaded when one is opened, uses of this feature.
import { type Part, part } from "../../ui/part.js";
import type { RemoveButtonProps } from "./remove-button.js";

/** The host's way to put somebody out of the room that is shown. */
export const RemoveButton: Part<RemoveButtonProps> = part(
  async () => await (await import("./remove-button.js")).openRemoveButton(),
  { failing: "silent" },
);
