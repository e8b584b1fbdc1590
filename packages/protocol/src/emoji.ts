import * as z from "zod/mini";
import { cleanText } from "./text.js";

/** An emoji: a short text without white space. */
export const Emoji = z
  .string()
  .check(
    z.overwrite(cleanText),
    z.minLength(1),
    z.maxLength(32),
    z.regex(/^[^\s\p{Cc}]+$/u, "must be an emoji"),
  );
