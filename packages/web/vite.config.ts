import { readFileSync } from "node:fs";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = process.env.PARLOR_SERVER ?? "http://localhost:8000";
const BOOT = new URL("./src/boot.js", import.meta.url);

/** Sets the theme before the first paint, and asks who this is. A file, not an inline script, so that a strict CSP holds. */
function boot(): Plugin {
  let reference: string | undefined;
  return {
    name: "parlor-boot",
    buildStart() {
      if (this.environment.mode === "build") {
        reference = this.emitFile({
          type: "asset",
          name: "boot.js",
          source: readFileSync(BOOT, "utf8"),
        });
      }
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const built = Object.values(context.bundle ?? {}).find(
          (file) => file.type === "asset" && file.names.includes("boot.js"),
        );
        const src = reference && built ? `/${built.fileName}` : "/src/boot.js";
        return [{ tag: "script", attrs: { src }, injectTo: "head-prepend" }];
      },
    },
  };
}

/** What the API answers, so that the dev server hands it on; page addresses stay with Vite. */
const API = [
  "/limits",
  "/uploads",
  "/files",
  "/users",
  "/auth",
  "/rooms",
  "/avatars",
  "/health",
  "/openapi.json",
  "/docs",
  "/api",
  "/ai",
];

const proxied = {
  target: SERVER,
  changeOrigin: true,
  // The server trusts its own origin only, and the cookie is bound to it.
  headers: { origin: SERVER },
  // The link of a sign-in mail is a page of this client below the API's folder.
  bypass: (request: { url?: string; headers: { accept?: string } }) =>
    request.url?.startsWith("/auth/verify") && request.headers.accept?.includes("text/html")
      ? "/index.html"
      : undefined,
};

export default defineConfig({
  plugins: [react(), tailwindcss(), boot()],
  resolve: {
    conditions: ["source", "module", "browser", "development|production"],
    // React has had this itself since 18.
    alias: { "use-sync-external-store/shim/index.js": "react" },
  },
  // Small files as data: addresses would need holes in the content security policy.
  build: {
    assetsInlineLimit: 0,
    target: "baseline-widely-available",
    // Every browser of that target knows it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What every page needs is one file: the parts of it would be fetched together anyway, and pack worse.
      output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } },
      treeshake: {
        // The protocol's schemas are for the server; this client needs its types, errors and limits.
        moduleSideEffects: (id) => !/packages\/(protocol|client)\/src\//.test(id),
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      ...Object.fromEntries(API.map((path) => [path, proxied])),
      "/ws": { target: SERVER, changeOrigin: true, ws: true, headers: { origin: SERVER } },
    },
  },
});
