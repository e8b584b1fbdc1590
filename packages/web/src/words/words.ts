import { en } from "./en.js";

/** What a translation has to supply: the same keys, functions with the same arguments. */
export type Words = typeof en;

/** Every visible text, in the language of this page. */
export const words: Words = en;
