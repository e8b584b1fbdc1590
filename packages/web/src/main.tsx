import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { openFirstRoom } from "./features/chat/public.js";
import { beginSession } from "./features/session/public.js";
import { keepShell } from "./lib/shell.js";
import { watchTheme } from "./ui/theme.js";
import { openLanguage, useLanguage, watchLanguage } from "./words/words.js";
import "./styles/app.css";

/** All of the page anew when the language changes: words are read where they are shown. */
function Root() {
  return <App key={useLanguage()} />;
}

/** The page shows itself by then, whoever this is, */
const KNOWN_WITHIN = 150;
/** and so long after that whatever there is of the room. */
const OPENED_WITHIN = 250;

/** Waits for something, but not for long. */
function within(milliseconds: number, work: Promise<void>): Promise<void> {
  return Promise.race([
    work,
    new Promise<void>((resolve) => {
      setTimeout(resolve, milliseconds);
    }),
  ]);
}

const root = document.getElementById("root");
if (root) {
  watchTheme();
  watchLanguage();
  void keepShell();
  // A quick answer to who this is, and the room with it, spare the screens that wait for them.
  const known = within(KNOWN_WITHIN, beginSession()).then(() => within(OPENED_WITHIN, openFirstRoom()));
  void Promise.all([openLanguage(), known]).then(() =>
    createRoot(root).render(
      <StrictMode>
        <Root />
      </StrictMode>,
    ),
  );
}
