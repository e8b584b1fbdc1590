/** What begins a program or an archive, right behind a picture. */
const TAIL_HEADS = [
  "PK",
  "Rar!",
  "7z\xbc\xaf",
  "\x1f\x8b",
  "BZh",
  "\xfd7zXZ",
  "\x7fELF",
  "MZ",
  "\xca\xfe\xba\xbe",
  "\xfe\xed\xfa\xce",
  "\xfe\xed\xfa\xcf",
  "\xce\xfa\xed\xfe",
  "\xcf\xfa\xed\xfe",
  "asm\x01",
  "#!",
  "%!PS",
  "*/",
];
/** Tags that make a browser or an interpreter take a file for a page or a script. */
const TAGS = /^<(script|html|!doctype|iframe|svg[\s>]|\?php)/i;
const LONGEST_TAG = 10;
const WORDS = ["%PDF-", "__HALT_COMPILER"];
const ZIP_METHODS = new Set([0, 1, 6, 8, 9, 12, 14, 93, 95, 97, 98, 99]);

/**
 * Whether a picture's file is another kind of file too, so that it could be passed on as one: a page, a script, an
 * archive, a document, a program. What else follows a picture is harmless, since only pixels are kept, and common:
 * phones append second pictures, gain maps and videos.
 */
export function isPolyglot(bytes: Buffer, end: number): boolean {
  return (
    hasTag(bytes) ||
    WORDS.some((word) => bytes.includes(word)) ||
    isZip(bytes) ||
    isJs(bytes) ||
    isTail(bytes, end)
  );
}

function hasTag(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x3c); at >= 0; at = bytes.indexOf(0x3c, at + 1)) {
    if (TAGS.test(bytes.toString("latin1", at, at + LONGEST_TAG))) return true;
  }
  return false;
}

/** Archives are read from their end, so they may lie anywhere, also within a picture's metadata. */
function isZip(bytes: Buffer): boolean {
  for (let at = bytes.indexOf("PK"); at >= 0; at = bytes.indexOf("PK", at + 2)) {
    const kind = bytes.toString("latin1", at + 2, at + 4);
    if (kind === "\x05\x06" && at + 22 <= bytes.length && bytes.readUInt32LE(at + 4) === 0) return true;
    if (kind !== "\x03\x04" || at + 30 > bytes.length) continue;
    const known = ZIP_METHODS.has(bytes.readUInt16LE(at + 8)) && bytes.readUInt16LE(at + 4) <= 63;
    const nameLength = bytes.readUInt16LE(at + 26);
    if (known && nameLength > 0 && nameLength < 1_024) return true;
  }
  return false;
}

/** Heads that open a comment of a script where a width or a length belongs. */
function isJs(bytes: Buffer): boolean {
  const head = bytes.toString("latin1", 0, 8);
  return /^GIF8[79]a(\/\*|=)/.test(head) || head.startsWith("\xff\xd8\xff\xe0/*");
}

function isTail(bytes: Buffer, end: number): boolean {
  const tail = bytes.toString("latin1", end, end + 4_096).replace(/^[\0\xff\s]+/, "");
  return /^<[!?a-z]/i.test(tail) || TAIL_HEADS.some((head) => tail.startsWith(head));
}
