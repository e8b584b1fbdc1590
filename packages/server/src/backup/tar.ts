import type { Readable } from "node:stream";

/** A tar's unit: headers have this size, and contents are filled up to a multiple of it. */
const BLOCK = 512;
const EIGHT_GIB = 8 * 1024 ** 3;

/** A file in a tar. */
export interface TarEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** The header of a file, readable for its owner only, in the ustar form that every tar reads. */
export function tarHeader({ name, size }: TarEntry, modified: Date): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { prefix, rest } = splitName(name);
  header.write(rest, 0, 100);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  writeSize(header, size);
  header.write(`${octal(Math.floor(modified.getTime() / 1000), 11)}\0`, 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  header.write(prefix, 345, 155);
  header.write(`${octal(checksumOf(header), 6)}\0 `, 148);
  return header;
}

/** What follows the content of a file, up to the next header. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of a tar. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

/** What is wrong with a tar that cannot be read. */
export class TarError extends Error {
  override readonly name = "TarError";
}

/**
 * Reads a tar of plain files from a stream. The content of an entry has to be read to its end, or not at all, before
 * the next entry is asked for. A tar without its end is refused.
 */
export async function* readTar(
  source: Readable,
): AsyncGenerator<TarEntry & { content(): AsyncGenerator<Buffer> }> {
  const bytes = createByteReader(source);
  for (;;) {
    const header = await bytes.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const entry = parseHeader(header);
    let left = entry.size;
    async function* content(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const chunk = await bytes.atMost(left);
        left -= chunk.length;
        yield chunk;
      }
    }
    yield { ...entry, content };
    for await (const _ of content());
    await bytes.exactly(tarPadding(entry.size).length);
  }
}

function parseHeader(header: Buffer): TarEntry {
  const text = (from: number, length: number) =>
    header.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  const stated = Number.parseInt(text(148, 8).trim(), 8);
  const blank = Buffer.from(header);
  blank.write("        ", 148);
  if (stated !== checksumOf(blank)) throw new TarError("a header is damaged");
  const kind = text(156, 1);
  if (kind !== "0" && kind !== "") throw new TarError("it holds something else than files");
  const prefix = text(345, 155);
  const size = readSize(header);
  if (!Number.isSafeInteger(size) || size < 0) throw new TarError("a header is damaged");
  return { name: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`, size };
}

function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** Eleven octal digits, or, above 8 GiB, the number itself with the first bit set. */
function writeSize(header: Buffer, size: number): void {
  if (size < EIGHT_GIB) {
    header.write(`${octal(size, 11)}\0`, 124);
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}

function readSize(header: Buffer): number {
  if (header[124] === 0x80) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(header.toString("latin1", 124, 135), 8);
}

function splitName(name: string): { prefix: string; rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: "", rest: name };
  for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return { prefix, rest };
  }
  throw new TarError(`the name ${name} is too long`);
}

/** Cuts a stream into pieces of the sizes that are asked for; holds one chunk of the stream at a time. */
function createByteReader(source: Readable) {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);

  async function atMost(length: number): Promise<Buffer> {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done) throw new TarError("it ends too early");
      rest = Buffer.from(next.value);
    }
    const piece = rest.subarray(0, length);
    rest = rest.subarray(piece.length);
    return piece;
  }

  return {
    atMost,
    async exactly(length: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      for (let missing = length; missing > 0; ) {
        const piece = await atMost(missing);
        pieces.push(piece);
        missing -= piece.length;
      }
      return Buffer.concat(pieces);
    },
  };
}
