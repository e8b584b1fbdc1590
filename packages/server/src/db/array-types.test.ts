import fc from "fast-check";
import { expect, test } from "vitest";
import { arrayTypes } from "./array-types.js";

test("[DB2] a list of texts comes back as it went, whatever is in it", () => {
  const { serialize, parse } = arrayTypes.texts;
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "NULL", "null", '"', "\\", "{", "},", "a\nb"),
  );
  fc.assert(
    fc.property(fc.array(fc.option(text)), (items) => {
      expect(parse(String(serialize(items)))).toEqual(items);
    }),
  );
});

test("[DB2] a list is read as PostgreSQL writes it", () => {
  expect(arrayTypes.texts.parse('{plain,"with, comma",NULL,"NULL","a \\"b\\" \\\\"}')).toEqual([
    "plain",
    "with, comma",
    null,
    "NULL",
    'a "b" \\',
  ]);
  expect(arrayTypes.bigints.parse("{1,-2,NULL}")).toEqual([1, -2, null]);
  expect(arrayTypes.integers.parse("{}")).toEqual([]);
});
