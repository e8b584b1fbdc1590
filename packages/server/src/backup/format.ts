import * as z from "zod";

/**
 * The format of a backup: a gzipped tar of `manifest.json`, `tables/<table>.<part>.ndjson` (one row a line, each value
 * as PostgreSQL writes it), `files/<path below DATA_DIR>`, `totals.json`, and `SHA256SUMS` over all of them as the end.
 * A change that an older Parlor would misread gets the next number.
 */
export const FORMAT = 1;

/** Folders of DATA_DIR with files that rows refer to. A file there is written before its row, and never changes. */
export const FILE_FOLDERS: readonly string[] = ["avatars", "files"];

export const MANIFEST = "manifest.json";
export const TOTALS = "totals.json";
export const SUMS = "SHA256SUMS";
/** A manifest, totals or list of checksums is at most so long, in bytes. */
export const META_BYTES = 512 * 1024 * 1024;

const Table = z.object({ name: z.string(), columns: z.array(z.string()).min(1) });

/** What a backup says about itself at its start. */
export const Manifest = z.object({
  format: z.number().int(),
  /** The moment of which it shows the data. */
  created_at: z.string(),
  postgresql: z.string(),
  /** The steps of the schema that the database had (`db/migrations`). */
  migrations: z.array(z.object({ id: z.number().int(), name: z.string(), checksum: z.string() })),
  tables: z.array(Table),
  sequences: z.array(z.object({ name: z.string(), value: z.string(), called: z.boolean() })),
});
export type Manifest = z.infer<typeof Manifest>;
export type TableShape = z.infer<typeof Table>;

/** What a backup holds, known at its end. */
export const Totals = z.object({
  rows: z.record(z.string(), z.number().int()),
  files: z.number().int(),
  file_bytes: z.number().int(),
});
export type Totals = z.infer<typeof Totals>;

/** The name of a part of a table; parts are numbered from 1. */
export function partName(table: string, part: number): string {
  return `tables/${table}.${String(part).padStart(6, "0")}.ndjson`;
}

/** The table and the number of a part; `null` for other names. */
export function partOf(name: string): { table: string; part: number } | null {
  const found = /^tables\/(\w+)\.(\d{6,})\.ndjson$/.exec(name);
  return found?.[1] === undefined ? null : { table: found[1], part: Number(found[2]) };
}

/** The path below DATA_DIR of a file's entry; `null` for other names, and for paths that lead elsewhere. */
export function filePathOf(name: string): readonly string[] | null {
  const [top, folder = "", ...path] = name.split("/");
  if (top !== "files" || !FILE_FOLDERS.includes(folder) || path.length === 0) return null;
  const isPlain = path.every((part) => /^[\w-][\w.-]*$/.test(part));
  return isPlain ? [folder, ...path] : null;
}
