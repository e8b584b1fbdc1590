// `npm start`: builds what is missing or stale, then becomes the server, so that signals and the exit code are its own.
import { ensureBuilt } from "./ensure-built.mjs";

await ensureBuilt(["server", "web"]);
await import("../packages/server/dist/main.js");
