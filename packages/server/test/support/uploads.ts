import type { Upload } from "@parlor/protocol";
import { connectDatabase } from "../../src/db/database.js";
import { createFiles } from "../../src/files/service.js";
import { createLog } from "../../src/log.js";
import type { Answer, Person, RequestOptions } from "./client.js";

/** What a test uploads. */
export interface TestFile {
  readonly name?: string;
  readonly bytes: Uint8Array;
  readonly fields?: Record<string, unknown>;
}

/** Begins an upload. */
export async function beginUpload(
  person: Person,
  room: string,
  { name = "file.bin", bytes, fields = {} }: TestFile,
): Promise<Answer> {
  const body = { name, size: bytes.length, ...fields };
  return await person.request("POST", `/rooms/${room}/uploads`, { body });
}

/** Sends a chunk. */
export async function sendChunk(
  person: Person,
  id: string,
  offset: number,
  bytes: Uint8Array,
  options: RequestOptions = {},
): Promise<Answer> {
  const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
  return await person.request("PATCH", `/uploads/${id}`, {
    body: bytes,
    ...options,
    headers: { ...headers, ...options.headers },
  });
}

/** Uploads a whole file, in chunks as the server wants them. */
export async function uploadFile(person: Person, room: string, file: TestFile): Promise<Upload> {
  const begun = await beginUpload(person, room, file);
  if (begun.status !== 200) throw new Error(`no upload: ${begun.status} ${begun.text}`);
  let upload: Upload = begun.json;
  while (upload.attachment === null) {
    const chunk = file.bytes.subarray(upload.offset, upload.offset + upload.chunk_bytes);
    const sent = await sendChunk(person, upload.id, upload.offset, chunk);
    if (sent.status !== 200) throw new Error(`no chunk: ${sent.status} ${sent.text}`);
    upload = sent.json;
  }
  return upload;
}

/** Runs the hourly sweep as if it were another time. */
export async function sweepFiles(
  server: { databaseUrl: string; dataDir: string },
  now: number,
): Promise<void> {
  const log = createLog("fatal", false);
  const database = connectDatabase({ url: server.databaseUrl, max: 1 }, log);
  const unused = () => Promise.reject(new Error("not for the sweep"));
  const files = createFiles({
    database,
    dataDir: server.dataDir,
    rooms: { requireRoom: unused, requireAccess: unused },
    sessions: { ofDevice: unused },
    allowed: { fileBytes: 1, dailyBytes: 1, storageBytes: 1 },
    log,
  });
  await files.sweep(now).finally(() => database.close());
}
