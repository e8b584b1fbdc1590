// `npm run doctor`: looks at each hop between visitors and the database, and names what is wrong and its cure.
import { ensureBuilt } from "./ensure-built.mjs";

await ensureBuilt(["server"]);
await import("../packages/server/dist/doctor.js");
