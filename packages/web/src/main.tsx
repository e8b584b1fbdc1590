import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { watchTheme } from "./ui/theme.js";
import "./styles/app.css";

const root = document.getElementById("root");
if (root) {
  watchTheme();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
