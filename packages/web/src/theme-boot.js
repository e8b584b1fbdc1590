// Runs before the first paint; src/ui/theme.ts keeps the choice afterwards and knows the same names.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("parlor:theme");
  } catch {
    // Storage is shut (a private window, say): the system's theme it is.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
