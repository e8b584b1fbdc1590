import type { Words } from "../en.js";

/** Days by their name. */
export const time: Words["time"] = {
  today: "今日",
  yesterday: "昨日",
};
