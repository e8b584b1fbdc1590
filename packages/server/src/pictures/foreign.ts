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
const TAGS = /<(script|html|!doctype|iframe|svg[\s>]|\?php)/i;
const LONGEST_TAG = 10;
/** The end of an archive with one part, or the head of a file in one: of a version and method that exist, with a name. */
const ZIP = new RegExp(
  [
    "PK\\x05\\x06\\0{4}[^]{14}",
    "PK\\x03\\x04[\\0-\\x3f]\\0[^]{2}[\\0\\x01\\x06\\x08\\x09\\x0c\\x0e\\x5d\\x5f\\x61-\\x63]\\0[^]{16}(?:[^\\0]\\0|[^][\\x01-\\x03])[^]{2}",
  ].join("|"),
);
const LONGEST_ZIP = 30;
/** Bytes of which one text is made at a time. */
const SLICE_BYTES = 1024 * 1024;
const WORDS = ["%PDF-", "__HALT_COMPILER"];

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

/**
 * The bytes as a few long texts, each with `overlap` bytes of the next. The regular expressions run through them many
 * times as fast as anything that looks at one place after the other: a file of nothing but beginnings holds up nobody.
 */
function* slicesOf(bytes: Buffer, overlap: number): Generator<string> {
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    yield bytes.toString("latin1", start, start + SLICE_BYTES + overlap);
  }
}

function hasTag(bytes: Buffer): boolean {
  for (const text of slicesOf(bytes, LONGEST_TAG)) if (TAGS.test(text)) return true;
  return false;
}

/** Archives are read from their end, so they may lie anywhere, also within a picture's metadata. */
function isZip(bytes: Buffer): boolean {
  for (const text of slicesOf(bytes, LONGEST_ZIP)) if (ZIP.test(text)) return true;
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
