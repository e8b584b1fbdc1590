import { fold } from "../../lib/fold.js";

/** What can be seen and typed of a name: without case and accents, invisible characters, and more than one space. */
function typable(name: string): string {
  return fold(name)
    .replace(/\p{Cf}/gu, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** Whether somebody typed the name of a room, as far as a keyboard can. Nothing is no name. */
export function isNameOf(typed: string, name: string): boolean {
  const wanted = typable(name);
  return wanted === "" ? typed.trim() !== "" && typed.trim() === name.trim() : typable(typed) === wanted;
}
