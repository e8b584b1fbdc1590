import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "../../testing/free-port.js";

const EXECUTABLE = "/usr/bin/turnserver";
/** The configuration that docs/SELF-HOSTING.md tells. */
const CONFIG = fileURLToPath(new URL("../../docs/turnserver.conf", import.meta.url));

/** Whether coturn is there. */
export const hasTurn: boolean = existsSync(EXECUTABLE);
if (!hasTurn && process.env.PARLOR_REQUIRE_ALL === "1") throw new Error("No coturn: install Debian's.");

/** A relay on this machine's loopback address. */
export interface TurnServer {
  readonly port: number;
  readonly secret: string;
  close(): Promise<void>;
}

/** Starts coturn as documented; or, to have a call on one machine, with peers let in that the documentation denies. `on`: the port. */
export async function startTurn({ letsLoopbackIn = false, on = 0 } = {}): Promise<TurnServer> {
  const port = on || (await freePort());
  const secret = "a secret of the tests, long enough";
  const start = letsLoopbackIn
    ? ["-n", "--use-auth-secret", "--fingerprint", "--no-cli", "--allow-loopback-peers"]
    : ["-c", CONFIG];
  const child: ChildProcess = spawn(
    EXECUTABLE,
    [
      ...start,
      `--static-auth-secret=${secret}`,
      "--realm=turn.parlor.test",
      `--listening-port=${port}`,
      "--listening-ip=127.0.0.1",
      "--relay-ip=127.0.0.1",
      "--no-tls",
      "--no-dtls",
      "--log-file=stdout",
      `--pidfile=/tmp/parlor-turn-${port}.pid`,
    ],
    { stdio: "ignore" },
  );
  const deadline = Date.now() + 20_000;
  while (!(await isOpen(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("coturn does not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    secret,
    async close() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return isThere;
}
