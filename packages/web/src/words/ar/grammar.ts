import { grammarOf } from "../grammar.js";

/** Numbers, lists and plural forms of Arabic. */
export const { count, list, number, percent } = grammarOf("ar");
