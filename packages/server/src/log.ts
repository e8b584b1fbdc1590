import { Writable } from "node:stream";
import { type Logger, pino, stdSerializers } from "pino";
import type { LogLevel } from "./config.js";

export type { Logger } from "pino";

/** The logger of the process: JSON lines in production, else one readable line for each entry. */
export function createLog(level: LogLevel, production = process.env.NODE_ENV === "production"): Logger {
  const options = { level, base: null, serializers: { err: stdSerializers.err } };
  return production ? pino(options) : pino(options, readableLines());
}

const hidden = new Set(["level", "time", "msg", "err"]);

/** So many UTF-16 units of lines are written at once, whatever else the turn still brings. */
const LINES = 65_536;
/** Lines of this turn for the standard output, which takes each write at once and keeps the process waiting for it. */
let lines = "";

function writeLines(): void {
  const text = lines;
  lines = "";
  if (text !== "") process.stdout.write(text);
}

// Also what was said right before an end.
process.on("exit", writeLines);

/** Turns pino's JSON lines into "12:00:00.000 info  text key=value"; those of one turn are one write. */
function readableLines(): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      if (lines === "") setImmediate(writeLines);
      lines += readable(String(line));
      if (lines.length > LINES) writeLines();
      done();
    },
  });
}

function readable(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== "object" || entry === null) return line;
  const fields = new Map(Object.entries(entry));
  const time = new Date(Number(fields.get("time"))).toISOString().slice(11, 23);
  const level = pino.levels.labels[Number(fields.get("level"))] ?? "info";
  const rest = [...fields]
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${short(value)}`);
  const head = [time, level.padEnd(5), fields.get("msg") ?? "", ...rest].join(" ");
  return `${head}${stackOf(fields.get("err"))}\n`;
}

function short(value: unknown): string {
  return typeof value === "string" && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function stackOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  return "stack" in error ? `\n${String(error.stack)}` : ` err=${JSON.stringify(error)}`;
}
