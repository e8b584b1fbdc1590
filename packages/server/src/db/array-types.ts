/** How the driver is told of a type: numbers of PostgreSQL's types, and both directions of a value. */
interface ArrayType<Item> {
  readonly to: number;
  readonly from: number[];
  serialize(items: unknown): unknown;
  parse(text: string): (Item | null)[];
}

/**
 * The arrays that Parlor sends and reads, of one dimension. The driver would ask each new connection for all that the
 * database knows, and nobody could catch what becomes of that question when the connection breaks.
 */
export const arrayTypes = {
  texts: arrayType(1009, String),
  integers: arrayType(1007, Number),
  bigints: arrayType(1016, Number),
};

function arrayType<Item>(number: number, read: (text: string) => Item): ArrayType<Item> {
  return {
    to: number,
    from: [number],
    serialize: (items) => (Array.isArray(items) ? `{${items.map(written).join(",")}}` : items),
    parse: (text) => itemsOf(text).map((item) => (item === null ? null : read(item))),
  };
}

function written(item: unknown): string {
  if (item === null || item === undefined) return "NULL";
  return `"${String(item).replaceAll(/[\\"]/g, "\\$&")}"`;
}

/** Everything between the braces: quoted with escapes, or bare. */
function itemsOf(text: string): (string | null)[] {
  const items: (string | null)[] = [];
  for (const [, quoted, bare = ""] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)) {
    if (quoted !== undefined) items.push(quoted.replaceAll(/\\(.)/gs, "$1"));
    else items.push(bare === "NULL" ? null : bare);
  }
  return items;
}
