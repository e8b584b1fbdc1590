// `npm run restore`: puts a backup into an empty place.
import { ensureBuilt } from "./ensure-built.mjs";

await ensureBuilt(["server"]);
await import("../packages/server/dist/restore.js");
