import { grammarOf } from "../grammar.js";

/** Numbers, lists and plural forms of Japanese. */
export const { count, list, number, percent } = grammarOf("ja");
