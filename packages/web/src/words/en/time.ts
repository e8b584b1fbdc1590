/** Days by their name. */
export const time = {
  today: "Today",
  yesterday: "Yesterday",
};
