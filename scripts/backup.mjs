// `npm run backup`: writes the database and the uploaded files to one file.
import { ensureBuilt } from "./ensure-built.mjs";

await ensureBuilt(["server"]);
await import("../packages/server/dist/backup.js");
