import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { keepShell } from "./lib/shell.js";
import { watchTheme } from "./ui/theme.js";
import { openLanguage, useLanguage, watchLanguage } from "./words/words.js";
import "./styles/app.css";

/** All of the page anew when the language changes: words are read where they are shown. */
function Root() {
  return <App key={useLanguage()} />;
}

const root = document.getElementById("root");
if (root) {
  watchTheme();
  watchLanguage();
  void keepShell();
  void openLanguage().then(() =>
    createRoot(root).render(
      <StrictMode>
        <Root />
      </StrictMode>,
    ),
  );
}
