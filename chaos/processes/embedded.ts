import { join } from "node:path";
import { type ChaosDatabase, connectTo } from "./database.js";
import { backendsOf, isPostgres, killProcess, readPidFile } from "./postmaster.js";

const OWNER = "parlor";

/** The server's own database: it starts it and brings it back; the harness only finds and kills it. */
export function findEmbedded(dataDir: string): ChaosDatabase {
  const clusterDir = join(dataDir, "postgres");
  const postmaster = () => {
    const file = readPidFile(clusterDir);
    return file !== null && isPostgres(file.pid) ? file.pid : null;
  };
  return {
    env: {},
    kill() {
      const pid = postmaster();
      return pid !== null && killProcess(pid);
    },
    killBackend(choice) {
      const backends = backendsOf(postmaster() ?? -1);
      const chosen = backends[choice % Math.max(1, backends.length)];
      return chosen !== undefined && killProcess(chosen);
    },
    connect() {
      const file = readPidFile(clusterDir);
      if (file === null) throw new Error("the embedded database does not run");
      return connectTo(file.socketFolder, file.port, OWNER, OWNER);
    },
    async stop() {
      // The server stops it; after a failure it may still be there.
      const pid = postmaster();
      if (pid !== null) killProcess(pid);
    },
  };
}
