import type { Words } from "../en.js";

/** Days by their name. */
export const time: Words["time"] = {
  today: "اليوم",
  yesterday: "أمس",
};
