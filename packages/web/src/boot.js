// Runs before the first paint, while the program is still on its way.
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      // Storage is shut, as in a private window: the system's theme it is, and nobody is known.
      return null;
    }
  };
  // src/ui/theme.ts keeps the choice afterwards and knows the same names.
  const choice = read("parlor:theme");
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";

  // Who this browser is, is what the program asks first; src/lib/early.ts takes the answer.
  try {
    const { user_id: id } = JSON.parse(read("parlor:me")) ?? {};
    if (typeof id === "string") {
      const path = `/users/${encodeURIComponent(id)}`;
      const answer = fetch(path, { headers: { accept: "application/json" }, credentials: "include" });
      // Asked again where it failed.
      answer.catch(() => {});
      window.parlorEarly = { [path]: answer };
    }
  } catch {
    // Something else than this client wrote it.
  }
})();
