/** A part of a file, both ends inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The part that a `Range` header asks for. `null`: all of it, also for what is not understood or for several parts at
 * once, as RFC 9110 allows. `"invalid"`: a part that the file does not have.
 */
export function readRange(header: string | undefined, size: number): ByteRange | "invalid" | null {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec((header ?? "").replaceAll(" ", ""));
  if (!match) return null;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return null;
  if (from === "") {
    const length = Number(to);
    return length === 0 ? "invalid" : { first: Math.max(0, size - length), last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return null;
  return first >= size ? "invalid" : { first, last };
}

/** `Content-Disposition` for a name: what old clients read, and RFC 5987's form for the rest. */
export function disposition(kind: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\w .()+-]/g, "_");
  const extended = encodeURIComponent(name).replace(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${extended}`;
}
