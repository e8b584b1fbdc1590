import { grammarOf } from "../grammar.js";

/** Numbers, lists and plural forms of Spanish. */
export const { count, list, number, percent } = grammarOf("es");
