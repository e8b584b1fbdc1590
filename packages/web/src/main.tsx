import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { beginSession } from "./features/session/public.js";
import { keepShell } from "./lib/shell.js";
import { watchTheme } from "./ui/theme.js";
import { openLanguage, useLanguage, watchLanguage } from "./words/words.js";
import "./styles/app.css";

/** All of the page anew when the language changes: words are read where they are shown. */
function Root() {
  return <App key={useLanguage()} />;
}

/** The page shows itself by then, whoever this is. */
const KNOWN_WITHIN = 150;

const root = document.getElementById("root");
if (root) {
  watchTheme();
  watchLanguage();
  void keepShell();
  // A quick answer to who this is spares the screen that waits for it.
  const known = Promise.race([
    beginSession(),
    new Promise((resolve) => {
      setTimeout(resolve, KNOWN_WITHIN);
    }),
  ]);
  void Promise.all([openLanguage(), known]).then(() =>
    createRoot(root).render(
      <StrictMode>
        <Root />
      </StrictMode>,
    ),
  );
}
