import { grammarOf } from "../grammar.js";

/** Numbers, lists and plural forms of German. */
export const { count, list, number, percent } = grammarOf("de");
