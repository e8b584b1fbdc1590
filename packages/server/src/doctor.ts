import { readConfig } from "./config.js";
import { lookAtAddress } from "./doctor/address.js";
import { type Finding, lineOf } from "./doctor/finding.js";
import { lookAtJanus } from "./doctor/janus.js";
import { lookAtRecordings } from "./doctor/recordings.js";
import { lookAtRelays } from "./doctor/relay.js";
import { lookAtServer } from "./doctor/server.js";
import { createLog } from "./log.js";
import { StartupError } from "./startup-error.js";

/** `npm run doctor`: looks at each hop between visitors and the database; ends with 1 when one is ill. */
async function run(): Promise<number> {
  const findings: Finding[] = [];
  try {
    const config = readConfig(process.env);
    const log = createLog("silent", false);
    const parts = [
      lookAtServer(config, log),
      lookAtAddress(config.publicUrl),
      lookAtRelays(config.turn),
      lookAtJanus(config.janus, log),
      lookAtRecordings(config),
    ];
    findings.push(...(await Promise.all(parts)).flat());
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    findings.push({ hop: "environment", state: "ill", says: error.message });
  }
  process.stdout.write(`${findings.map(lineOf).join("\n")}\n`);
  const ill = findings.filter(({ state }) => state === "ill").length;
  process.stdout.write(ill === 0 ? "\nNothing is ill.\n" : `\n${ill} of ${findings.length} to be mended.\n`);
  return ill === 0 ? 0 : 1;
}

process.exit(await run());
