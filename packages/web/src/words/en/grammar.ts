import { grammarOf } from "../grammar.js";

/** Numbers, lists and plural forms of English. */
export const { count, list, number, percent } = grammarOf("en");
