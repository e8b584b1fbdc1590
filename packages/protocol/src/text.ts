import * as z from "zod/mini";

/** Replaces what PostgreSQL's `text` cannot hold (NUL, lone surrogates) by U+FFFD, so that no input is a 5xx. */
export function cleanText(text: string): string {
  return wellFormed(text).replaceAll("\0", "\uFFFD");
}

function wellFormed(text: string): string {
  // The lone-surrogate test is cheaper than a copy, and nearly every text passes it.
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, "\uFFFD") : text;
}

/** A text that is safe to store, with its length bounded in UTF-16 units. */
export function text(options: { min?: number; max: number }) {
  return z.string().check(z.minLength(options.min ?? 0), z.maxLength(options.max), z.overwrite(cleanText));
}

/** A name that a person reads: outer white space does not count. */
export function label(options: { min: number; max: number }) {
  return z.string().check(
    z.overwrite((value) => cleanText(value).trim()),
    z.minLength(options.min),
    z.maxLength(options.max),
  );
}

/** A moment from a query string: an ISO 8601 date, or a date with a time and its zone. */
export const moment = z.pipe(
  z
    .string()
    .check(
      z.regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/, "must be an ISO date"),
    ),
  z.pipe(
    z.transform((value: string) => new Date(value)),
    z.date("must be an ISO date"),
  ),
);

/** A whole number from a query string, 0 up to 2^53 - 1. */
export const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,16}$/, "must be a whole number")),
  z.pipe(
    z.transform((value: string) => Number(value)),
    z.number().check(z.maximum(Number.MAX_SAFE_INTEGER)),
  ),
);
