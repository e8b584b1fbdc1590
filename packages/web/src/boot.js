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

  // Who this browser is, and what it opens, is what the program asks first; src/lib/early.ts takes the answers.
  try {
    const { user_id: id } = JSON.parse(read("parlor:me")) ?? {};
    if (typeof id !== "string") return;
    const paths = [`/users/${encodeURIComponent(id)}`];
    const room = /^\/r\/([\w.-]+)$/.exec(location.pathname)?.[1];
    if (room !== undefined) {
      paths.push(`/rooms/${room}`);
      // A room that this browser keeps is not asked for all of it; src/lib/history.ts notes which it keeps.
      if (read(`parlor:kept:${room}`) === null) paths.push(`/rooms/${room}/messages?limit=50`);
    }
    window.parlorEarly = {};
    window.parlorEarlyFor = id;
    for (const path of paths) {
      const answer = fetch(path, { headers: { accept: "application/json" }, credentials: "include" });
      // Asked again where it failed.
      answer.catch(() => {});
      window.parlorEarly[path] = answer;
    }
  } catch {
    // Something else than this client wrote it.
  }
})();
