import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, minifySync, type Plugin } from "vite";

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
          source: minifySync("boot.js", readFileSync(BOOT, "utf8")).code,
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

/**
 * Has the first file compiled while it arrives, on another thread than the page's: most of its functions run before
 * the first view is there, and each would be compiled as it is met. Browsers that do not know the mark skip it.
 */
function eager(): Plugin {
  return {
    name: "parlor-eager",
    apply: "build",
    generateBundle: {
      // The mark stands before all else, or it is none.
      order: "post",
      handler(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === "chunk" && chunk.isEntry)
            chunk.code = `//# allFunctionsCalledOnLoad\n${chunk.code}`;
        }
      },
    },
  };
}

const NAMES = /^virtual:emoji-names-(\w+)$/;

interface NamedEmoji {
  readonly hexcode: string;
  readonly label: string;
  readonly tags?: readonly string[];
}

/** Names of emoji in a language, `label|tag|tag` by their code: a third of what their whole data would be. */
function emojiNames(): Plugin {
  return {
    name: "parlor-emoji-names",
    resolveId: (id) => (NAMES.test(id) ? `\0${id}` : undefined),
    load(id) {
      const [, language] = NAMES.exec(id.slice(1)) ?? [];
      if (language === undefined) return undefined;
      const file = createRequire(import.meta.url).resolve(`emojibase-data/${language}/compact.json`);
      const data = JSON.parse(readFileSync(file, "utf8")) as readonly NamedEmoji[];
      const names = data.map(({ hexcode, label, tags = [] }) => [hexcode, [label, ...tags].join("|")]);
      return `export const names = ${JSON.stringify(Object.fromEntries(names))};`;
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
  plugins: [react(), tailwindcss(), boot(), eager(), emojiNames()],
  resolve: {
    conditions: ["source", "module", "browser", "development|production"],
    // React has had this itself since 18.
    alias: { "use-sync-external-store/shim/index.js": "react" },
  },
  // Small files as data: addresses would need holes in the content security policy.
  build: {
    assetsInlineLimit: 0,
    // A test bounds what is sent; this would greet whoever starts Parlor for the first time with a warning.
    chunkSizeWarningLimit: 1_000,
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
