// Builds what is given by name, else everything: server (one file for each command), web (static files), client (the SDK).
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { hashOf, markBuilt, root, targets } from "./build-state.mjs";
import { finishShell } from "./web-shell.mjs";

/** Builds the targets one after the other. */
export async function build(names) {
  for (const name of names) {
    const { needs } = targets[name];
    if (needs && !existsSync(root + needs)) {
      console.log(`parlor: ${name} is not built, ${needs} does not exist`);
      continue;
    }
    const hash = hashOf(name);
    const start = Date.now();
    await builders[name]();
    markBuilt(name, hash);
    console.log(`parlor: built ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
}

const builders = {
  async server() {
    const options = { platform: "node", target: "node20" };
    for (const name of ["main", "backup", "restore", "doctor"])
      await bundle(`packages/server/src/${name}.ts`, `packages/server/dist/${name}.js`, options);
  },
  async client() {
    await bundle("packages/client/src/index.ts", "packages/client/dist/index.js", {
      platform: "neutral",
      target: "es2022",
    });
    const emit = [
      "--noEmit",
      "false",
      "--declaration",
      "--emitDeclarationOnly",
      "--rootDir",
      "src",
      "--outDir",
      "dist",
    ];
    const flags = [...emit, "--module", "NodeNext", "--moduleResolution", "NodeNext", "--target", "ES2023"];
    const types = [
      "--lib",
      "ES2023,DOM,DOM.Iterable",
      "--strict",
      "--skipLibCheck",
      "--customConditions",
      "types",
    ];
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const run = spawnSync(process.execPath, [tsc, "src/index.ts", "--ignoreConfig", ...flags, ...types], {
      cwd: `${root}packages/client`,
      stdio: "inherit",
    });
    if (run.status !== 0) throw new Error("the types of the client can not be made");
  },
  async web() {
    const require = createRequire(`${root}packages/web/package.json`);
    const vite = await import(pathToFileURL(require.resolve("vite")).href);
    // Vite sets NODE_ENV for good; the server that may start in this process reads it too.
    const { NODE_ENV } = process.env;
    await vite.build({ root: `${root}packages/web`, logLevel: "warn" });
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    await finishShell(`${root}packages/web/dist/`, `${root}packages/web/worker/`);
    compress(`${root}packages/web/dist/assets/`);
  },
};

/** Puts a smaller copy beside each text file of a folder, so that the server compresses nothing while it runs. */
function compress(folder) {
  for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg|json)$/.test(file))) {
    const content = readFileSync(folder + name);
    writeFileSync(`${folder}${name}.br`, brotliCompressSync(content));
    writeFileSync(`${folder}${name}.gz`, gzipSync(content, { level: 9 }));
  }
}

/** One file of our own packages' sources; what comes from npm stays outside. */
async function bundle(entry, outfile, options) {
  const { build: esbuild } = await import("esbuild");
  mkdirSync(new URL(".", pathToFileURL(root + outfile)), { recursive: true });
  await esbuild({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    sourcemap: true,
    conditions: ["source"],
    logLevel: "warning",
    plugins: [externalPackages],
    ...options,
  });
}

const externalPackages = {
  name: "external-packages",
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@parlor/") ? undefined : { path, external: true },
    );
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in targets));
  if (unknown.length > 0) {
    console.error(
      `parlor: nothing called ${unknown.join(", ")} can be built, only ${Object.keys(targets).join(", ")}`,
    );
    process.exit(1);
  }
  await build(names.length > 0 ? names : Object.keys(targets)).catch((error) => {
    console.error(`parlor: the build failed: ${error.message}`);
    process.exit(1);
  });
}
